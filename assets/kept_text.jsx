// Text areas that keep what was typed until it is done with.
import { createElement, useEffect, useRef } from "react";

/**
 * Its text outlives a reload, a lost connection and a session that ended: it is kept in this tab, under a name that only
 * the same person's page for the same thing knows, until `isDone`.
 */
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

const plain = (text) => text.replace(/\r\n/g, "\n");

/** Emptied once the server says that it has taken what was sent, unless something else was typed meanwhile. */
export function SentText({ taken, turn, ...rest }) {
  const box = useRef(null);
  useEffect(() => {
    if (turn && plain(box.current.value) === plain(taken)) box.current.value = "";
  }, [turn]);
  return createElement("textarea", { ...rest, ref: box });
}
