// What was entered and has not reached the server is on this device alone. Signing out says so once, then leaves nothing.
import { createElement as h, useEffect, useRef, useState } from "react";

/** What keeps it: loaded when somebody signs out, for this stands on every page. Null where it could not be had. */
const keeping = () => import("./kept_queue.js").catch(() => null);

/**
 * @param {string} locale of the page
 * @param {object} words everything that is said
 */
export function UnsentAnswers({ locale, words }) {
  const [waiting, setWaiting] = useState(null);
  const [isStill, setStill] = useState(false);
  const warning = useRef(null);
  const isWarned = useRef(false);
  const isEmptied = useRef(false);
  useEffect(() => warning.current?.focus(), [waiting, isStill]);
  useEffect(() => {
    const hold = async (event) => {
      const leaving = event.target;
      if (isEmptied.current || !leaving.action?.endsWith("/auth/sign-out")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const kept = await keeping();
      if (!kept) {
        setStill(true); // the page is older than the portal, or there is no line
        return;
      }
      const found = isWarned.current ? { count: 0 } : await kept.waitingAnswers();
      if (found.count) {
        isWarned.current = true;
        setWaiting(found);
        return;
      }
      await kept.forgetAll();
      isEmptied.current = true;
      leaving.requestSubmit();
    };
    document.addEventListener("submit", hold, true);
    return () => document.removeEventListener("submit", hold, true);
  }, []);
  const banner = (title, text, way) =>
    h("section", { className: "banner tone-caution", role: "alert", ref: warning, tabIndex: -1 },
      h("div", { className: "banner-words" }, h("strong", null, title), h("p", null, text), way));
  if (isStill) {
    const again = { type: "button", className: "btn btn-second", onClick: () => location.reload() };
    return banner(words.still, words.stillText, h("button", again, words.again));
  }
  if (!waiting) return null;
  const prefix = locale === "en" ? "" : `/${locale}`;
  const place = waiting.form.startsWith("vitals ") ? "vitals/log" : `forms/${waiting.form}`;
  return banner(words.title, words.text, h("a", { className: "btn btn-second", href: `${prefix}/${place}` }, words.back));
}
