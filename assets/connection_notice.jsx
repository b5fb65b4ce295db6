import { createElement, useEffect, useState } from "react";

// A live region that is always there and speaks only while the device is offline or the server does not answer.
export function ConnectionNotice({ isCutOff, children, ...rest }) {
  const [isOffline, setOffline] = useState(false);
  useEffect(() => {
    const look = () => setOffline(!navigator.onLine);
    look();
    window.addEventListener("online", look);
    window.addEventListener("offline", look);
    return () => {
      window.removeEventListener("online", look);
      window.removeEventListener("offline", look);
    };
  }, []);
  return createElement("div", { ...rest, role: "status" }, isOffline || isCutOff ? children : null);
}
