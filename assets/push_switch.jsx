// Turns notifications on for this browser: asks the person, then the browser's push service, and tells the server where.
import { createElement, useEffect, useState } from "react";

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (character) => character.charCodeAt(0));

/** What stands in the way on this browser: "" for nothing, else the name of the words that say what to do. */
const obstacle = () => {
  if (!window.isSecureContext) return "insecure";
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) return "unsupported";
  return Notification.permission === "denied" ? "denied" : "";
};

/** Ask the browser's push service for an address that takes what this server signs, and no other. */
const subscribe = async (worker, serverKey) => {
  const old = await worker.pushManager.getSubscription();
  if (old) await old.unsubscribe();
  const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(serverKey) });
  const { endpoint, keys } = made.toJSON();
  return { endpoint, p256dh: keys.p256dh, auth: keys.auth };
};

/**
 * @param {string} serverKey the server's public key
 * @param {string} label of the button
 * @param {object} words what to say where it is `insecure`, `unsupported`, `denied`, was put off (`later`) or `failed`
 * @param {function} onSubscribed hears where this browser takes notifications
 */
export function PushSwitch({ serverKey, label, words, onSubscribed, ...rest }) {
  const [said, say] = useState("");
  const [works, setWorks] = useState(true);
  const [busy, setBusy] = useState(false);

  const tell = (what) => {
    say(words[what] || "");
    setWorks(what !== "insecure" && what !== "unsupported");
  };
  useEffect(() => tell(obstacle()), []);

  const ask = async () => {
    if (busy) return;
    setBusy(true);
    try {
      const permission = await Notification.requestPermission();
      if (permission !== "granted") {
        tell(permission === "denied" ? "denied" : "later");
        return;
      }
      say("");
      await navigator.serviceWorker.register("/sw.js", { scope: "/" });
      onSubscribed(await subscribe(await navigator.serviceWorker.ready, serverKey));
    } catch {
      tell(obstacle() || "failed");
    } finally {
      setBusy(false);
    }
  };

  return createElement(
    "div",
    rest,
    works &&
      createElement(
        "button",
        { type: "button", className: "btn btn-main", onClick: ask, "data-writes": "", "aria-busy": busy },
        label,
      ),
    createElement("p", { role: "status" }, said),
  );
}
