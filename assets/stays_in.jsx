// Keeps somebody of the staff signed in while they are at the screen, in whichever tab; asks a minute before the end;
// leaves once the session is locked. The server counts; a page only tells it that somebody is here, and asks.
import { createElement, useEffect, useRef, useState } from "react";
import { TypedText } from "./typed_text.js";

const TELL_EVERY_MS = 30_000;
const WARN_MS = 60_000;
const ASK_EVERY_MS = 10_000; // while the question is open: another computer's clock may have run on
const SIGNS = ["keydown", "pointerdown", "wheel", "touchstart", "input"];

/**
 * @param {string} leaving where the page is being sent, "" while it stays
 * @param {string} title, words, stay what the question says; `{time}` in the words is when the session is locked
 * @param {string} lang the language in which that time is written
 */
export function StaysIn({ leaving, title, words, stay, lang }) {
  const [endsAt, setEndsAt] = useState(null); // shown while the question is open
  const gone = useRef("");
  gone.current = leaving;
  const dialog = useRef(null);
  const act = useRef(() => {});

  useEffect(() => {
    const others = new BroadcastChannel("sala-still-here");
    const typed = new TypedText();
    let end = null;
    let lastSign = 0;
    let told = 0;
    let asked = 0;
    let isAsking = false;

    const ask = async (here) => {
      if (isAsking || gone.current) return;
      isAsking = true;
      asked = Date.now();
      if (here) told = asked;
      try {
        const at = window.location.pathname + window.location.search;
        const body = new URLSearchParams({ at, here: here ? "yes" : "" });
        const answer = await fetch("/auth/still-here", { method: "POST", body, cache: "no-store", keepalive: true });
        if (!answer.ok) return;
        const said = await answer.json();
        if (said.leave) {
          await leave(said.leave);
          return;
        }
        end = said.left === null ? null : Date.now() + said.left * 1000;
        await typed.open(said.name, said.key);
        if (here) others.postMessage("here");
        if (end === null || end - Date.now() > WARN_MS) setEndsAt(null);
      } catch {
        // The server is away; asked again in a moment.
      } finally {
        isAsking = false;
      }
    };
    const leave = async (address) => {
      if (gone.current) return;
      await typed.keep();
      gone.current = address;
      window.location.assign(address);
    };
    const sign = (event) => {
      // While the question is open, only its answer counts.
      if (event.isTrusted && !dialog.current?.open) lastSign = Date.now();
    };
    const look = async () => {
      if (gone.current) return;
      await typed.look();
      const now = Date.now();
      if (lastSign > told && now - told > TELL_EVERY_MS) {
        await ask(true);
      } else if (end !== null && end - now < WARN_MS) {
        // Somebody may be at work in another tab: the server knows.
        if (now - asked > ASK_EVERY_MS || now >= end) await ask(false);
        if (end !== null && end - Date.now() < WARN_MS) setEndsAt(end);
      }
    };
    act.current = () => {
      setEndsAt(null);
      lastSign = Date.now();
      ask(true);
    };
    others.onmessage = () => ask(false);
    for (const kind of SIGNS) window.addEventListener(kind, sign, { capture: true, passive: true });
    document.addEventListener("visibilitychange", look);
    const timer = setInterval(look, 1000);
    ask(false);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
      for (const kind of SIGNS) window.removeEventListener(kind, sign, { capture: true });
      others.close();
      typed.close();
    };
  }, []);

  useEffect(() => {
    const element = dialog.current;
    if (endsAt && !element.open) element.showModal();
    if (!endsAt && element.open) element.close();
  }, [endsAt]);

  const time = endsAt
    ? new Intl.DateTimeFormat(`${lang}-u-nu-latn`, { hour: "numeric", minute: "2-digit" }).format(endsAt)
    : "";
  const button = { type: "button", className: "btn", autoFocus: true, onClick: () => act.current() };
  return createElement(
    "dialog",
    {
      ref: dialog, id: "still-here", role: "alertdialog", className: "sheet",
      "aria-labelledby": "still-here-title", "aria-describedby": "still-here-words",
      onClose: () => endsAt && act.current(),
    },
    createElement(
      "div",
      { className: "grid grid-cols-1 gap-4" },
      createElement("h2", { id: "still-here-title" }, title),
      createElement("p", { id: "still-here-words" }, words.replace("{time}", time)),
      createElement("button", button, stay),
    ),
  );
}
