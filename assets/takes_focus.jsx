import { createElement, useEffect, useRef } from "react";

// Takes the focus when it appears and whenever `moment` changes, or gives it to the field `to`. Links inside to a field focus that field
// without a new address, so that Back still leaves the page.
export function TakesFocus({ moment, to, children, ...rest }) {
  const block = useRef(null);
  useEffect(() => {
    if (moment === "") return undefined;
    // After a dialog that closes at the same moment has given the focus back to a button that may be gone.
    const timer = setTimeout(() => (document.getElementById(to) || block.current).focus());
    return () => clearTimeout(timer);
  }, [moment]);
  const follow = (event) => {
    const link = event.target.closest('a[href^="#"]');
    const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!field) return;
    event.preventDefault();
    field.focus();
  };
  return createElement("div", { ...rest, ref: block, tabIndex: -1, onClick: follow }, children);
}
