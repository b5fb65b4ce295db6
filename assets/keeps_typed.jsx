// Keeps what a patient typed and ticked on a page that may send them away to prove themself, and puts it back.
import { useEffect, useRef } from "react";
import { TypedText } from "./typed_text.js";

const LOOK_EVERY_MS = 1000;

/** @param {string} leaving where the page is being sent, "" while it stays; what was typed outlives the sign-in page alone */
export function KeepsTyped({ leaving }) {
  const open = useRef(null);

  useEffect(() => {
    const typed = new TypedText({ withChoices: true });
    open.current = typed;
    const look = () => typed.look();
    const learn = async () => {
      try {
        const answer = await fetch("/auth/typed", { method: "POST", cache: "no-store" });
        if (!answer.ok) return;
        const { name, key } = await answer.json();
        if (key) await typed.open(name, key);
        await look();
      } catch {
        // The server is away: nothing is kept, as nothing can be sent.
      }
    };
    learn();
    const timer = setInterval(look, LOOK_EVERY_MS);
    // What is sent may be answered by the page on which to prove oneself.
    document.addEventListener("submit", look, true);
    return () => {
      clearInterval(timer);
      document.removeEventListener("submit", look, true);
      look();
      typed.close();
    };
  }, []);

  useEffect(() => {
    // Sent and taken, or left behind: a form that is opened anew begins empty.
    if (leaving && !leaving.includes("/sign-in?")) open.current?.drop();
  }, [leaving]);
  return null;
}
