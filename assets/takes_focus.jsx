import { createElement, useEffect, useRef } from "react";

// Takes the focus when it appears and whenever `moment` changes. Links inside to a field focus that field
// without a new address, so that Back still leaves the page.
export function TakesFocus({ moment, children, ...rest }) {
  const block = useRef(null);
  useEffect(() => {
    if (moment !== "") block.current.focus();
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
