// Readings that wait on this device: what they are, and what became of them once there was a line.
import { createElement as h, useEffect, useReducer, useRef } from "react";
import { areWaiting, ask, ReadingQueue } from "./reading_queue.js";

const line = ({ shown, at }, locale) =>
  h("span", { className: "grid" }, h("b", { dir: "ltr" }, shown),
    h("small", null, new Date(at).toLocaleString(locale, { weekday: "short", hour: "numeric", minute: "2-digit" })));

/** What waits, what was turned down and why, and what has arrived. */
export const WaitingList = ({ queue, words, locale }) => {
  const turnedDown = queue.entries.filter(({ outcome }) => outcome);
  const waiting = queue.entries.filter(({ outcome }) => !outcome);
  const isTold = queue.sent.some(({ severity }) => severity);
  return h("div", { role: "status", className: "grid gap-3" },
    waiting.length > 0 && h("section", { className: "banner tone-caution" }, h("div", { className: "banner-words" },
      h("strong", null, words.waiting), h("p", null, words.nobodyKnows),
      h("ul", { className: "grid gap-2" }, ...waiting.map((one) => h("li", { key: one.key }, line(one, locale)))),
      queue.leave && h("a", { className: "btn btn-second", href: queue.leave }, words.signIn))),
    ...turnedDown.map((one) => h("section", { key: one.key, className: "banner tone-critical" },
      h("div", { className: "banner-words" }, h("strong", null, words.turnedDown), line(one, locale), h("p", null, one.reason),
        one.outcome === "doubted" && h("button", { type: "button", className: "btn btn-second",
          onClick: () => queue.keep({ ...one, outcome: "", isConfirmed: true }) }, words.confirm),
        h("button", { type: "button", className: "btn btn-quiet", onClick: () => queue.remove(one.key) }, words.remove)))),
    queue.counted && h("section", { className: "banner tone-caution" }, h("p", { className: "banner-words" }, queue.counted)),
    queue.sent.length > 0 && h("section", { className: "banner tone-good" }, h("div", { className: "banner-words" },
      h("strong", null, words.sent),
      ...queue.sent.map((one) => h("div", { key: one.key }, line(one, locale))),
      h("p", null, isTold ? words.told : words.seen))));
};

/** The queue of one chart, drawn anew with each step; null until it is known whose it is. */
export const useQueue = (chart, locale) => {
  const [, redraw] = useReducer((count) => count + 1, 0);
  const queue = useRef(null);
  useEffect(() => {
    if (!chart) return undefined;
    const own = new ReadingQueue(chart, locale, redraw);
    queue.current = own;
    own.start();
    return () => own.stop();
  }, [chart]);
  return queue.current;
};

/**
 * @param {string} locale of the page
 * @param {object} words everything that is said
 */
export function WaitingReadings({ locale, words }) {
  const [chart, found] = useReducer((before, now) => now, "");
  useEffect(() => {
    const look = async () => {
      if (!(await areWaiting())) return;
      const { status, told } = await ask("/vitals/carried", locale);
      if (status === 200) found(told.chart);
    };
    look();
  }, []);
  const queue = useQueue(chart, locale);
  return queue && h(WaitingList, { queue, words, locale });
}
