// The part of every page that only a browser can do; Python decides, these props say what.
import { createContext, createElement, useContext, useEffect, useLayoutEffect, useRef } from "react";
import { useLocation, useNavigationType } from "react-router";

const WRITING = "[data-writes]";
// What leads to another document. Pages of this one wait by themselves (`route_brought.js`).
const LEADING = 'a[href^="/"]:not([data-discover], [download], [target]), form[action] [type="submit"]';
const ASK_AGAIN_MS = 3000;
const OWN_WAY_MS = 15000;

let sentAt = -OWN_WAY_MS;

// What of an address says which thing a page shows; `portal_app/web/page.py` has the same.
const NAMES_A_THING = ["id", "patient", "visit", "what", "bill", "relation"];
const Shown = createContext("");

/** Where each page of this tab's history was scrolled to, by the key of its entry. */
const scrolled = new Map();

const place = (pathname, search) => {
  const asked = new URLSearchParams(search);
  return JSON.stringify([pathname, ...NAMES_A_THING.map((name) => asked.get(name) ?? "")]);
};

/** Tell whether what the states hold was meant for another page, or for another thing on this one. */
export const useElsewhere = () => {
  const shown = useContext(Shown);
  const { pathname, search } = useLocation();
  if (!shown) return false;
  const [path, ...asked] = shown.split("?");
  return place(path, asked.join("?")) !== place(pathname, search);
};

/** @param {string} address for which the states were filled last; what waits for another shows its skeleton */
export function ShownFor({ address, children }) {
  return createElement(Shown.Provider, { value: address }, children);
}

/** Goes back to where a page was left once it is `ready`: its skeleton was not as long. Stands inside `ShownFor`. */
export function KeptScroll({ ready }) {
  const { key } = useLocation();
  const isBack = useNavigationType() === "POP";
  const elsewhere = useElsewhere();
  const waiting = useRef("");

  useLayoutEffect(() => {
    if (elsewhere) waiting.current = isBack ? key : "";
    else if (ready && waiting.current === key) {
      waiting.current = "";
      window.scrollTo(0, scrolled.get(key) ?? 0);
    }
    if (elsewhere || waiting.current) return undefined;
    const note = () => scrolled.set(key, window.scrollY);
    window.addEventListener("scroll", note, { passive: true });
    return () => window.removeEventListener("scroll", note);
  }, [key, elsewhere, isBack, ready]);

  return null;
}

/** Note that the browser itself sends a form: the page is about to go where the answer says. */
const noteSending = (event) => {
  if (!event.defaultPrevented) sentAt = performance.now();
};

/** Keep a tap on a writing control from reaching the page while nobody would hear it. */
const hold = (event) => {
  if (event.target.closest?.(WRITING)) {
    event.preventDefault();
    event.stopPropagation();
  }
};

/** Stay while nobody answers: the browser would show its own error in place of the page. */
const stay = (event) => {
  const isAlone = !navigator.onLine || "away" in document.documentElement.dataset;
  if (isAlone && event.target.closest?.(LEADING)) {
    event.preventDefault();
    event.stopPropagation();
  }
};

/** Mark the writing controls as out of use, and return what puts them back. */
const holdWritingControls = () => {
  const held = [...document.querySelectorAll(`${WRITING}:not([aria-disabled])`)];
  for (const control of held) control.setAttribute("aria-disabled", "true");
  for (const kind of ["click", "submit"]) document.addEventListener(kind, hold, true);
  document.documentElement.dataset.away = "";
  return () => {
    for (const control of held) control.removeAttribute("aria-disabled");
    for (const kind of ["click", "submit"]) document.removeEventListener(kind, hold, true);
    delete document.documentElement.dataset.away;
  };
};

/** Load the page anew if the server answers but sends people elsewhere: the session ended while nobody heard. */
const leaveIfSignedOut = async () => {
  try {
    const answer = await fetch(window.location.href, { method: "HEAD", redirect: "manual", cache: "no-store" });
    if (answer.type === "opaqueredirect") window.location.reload();
  } catch {
    // Still away; asked again in a moment.
  }
};

/**
 * @param {string} lang, dir of the page, kept right when the page changes without loading a document
 * @param {string} leaveTo an address to load as a whole document, "" to stay
 * @param {boolean} away whether the server cannot be heard
 * @param {boolean} ready whether the server has filled the page; `html[data-ready]` tells style sheets and tests
 */
export function Shell({ lang, dir, leaveTo, away, ready }) {
  useEffect(() => {
    document.documentElement.lang = lang;
    document.documentElement.dir = dir;
  }, [lang, dir]);

  useEffect(() => {
    document.documentElement.toggleAttribute("data-ready", Boolean(ready));
  }, [ready]);

  useEffect(() => {
    document.addEventListener("submit", noteSending);
    document.addEventListener("click", stay, true);
    return () => {
      document.removeEventListener("submit", noteSending);
      document.removeEventListener("click", stay, true);
    };
  }, []);

  useEffect(() => {
    if (!leaveTo) return undefined;
    // Whoever signs out or goes to another chart ends this page's session by that very form; its answer leads on, and
    // what the end of the session says to open pages is for the others.
    const wait = sentAt + OWN_WAY_MS - performance.now();
    if (wait <= 0) {
      window.location.assign(leaveTo);
      return undefined;
    }
    const timer = setTimeout(() => window.location.assign(leaveTo), wait);
    return () => clearTimeout(timer);
  }, [leaveTo]);

  useEffect(() => {
    if (!away) return undefined;
    const release = holdWritingControls();
    const timer = setInterval(leaveIfSignedOut, ASK_AGAIN_MS);
    return () => {
      clearInterval(timer);
      release();
    };
  }, [away]);

  return null;
}

/** Ask the server for an address that no screen has, so that its own answer (404) shows. */
export function AskServer() {
  useEffect(() => {
    const [loaded] = performance.getEntriesByType("navigation");
    if (loaded?.name !== window.location.href) window.location.reload();
  }, []);
  return null;
}
