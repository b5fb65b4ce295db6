// A text area whose text outlives a reload, a lost connection and a session that ended: it is kept in this tab,
// under a name that only the same person's page for the same thing knows, until `is_done`.
import { createElement, useEffect, useRef } from "react";

export function KeptText({ keep, isDone, ...rest }) {
  const box = useRef(null);
  useEffect(() => {
    if (!keep) return;
    if (isDone) {
      sessionStorage.removeItem(keep);
    } else if (box.current && !box.current.value) {
      box.current.value = sessionStorage.getItem(keep) || "";
    }
  }, [keep, isDone]);
  const remember = () => keep && sessionStorage.setItem(keep, box.current.value);
  return createElement("textarea", { ...rest, ref: box, onInput: remember });
}
