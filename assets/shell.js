// The part of every page that only a browser can do; Python decides, these props say what.
import { useEffect } from "react";

const WRITING = "[data-writes]";

/** Keep a tap on a writing control from reaching the page while nobody would hear it. */
const hold = (event) => {
  if (event.target.closest?.(WRITING)) {
    event.preventDefault();
    event.stopPropagation();
  }
};

const markWritingControls = (away) => {
  document.documentElement.toggleAttribute("data-away", away);
  for (const control of document.querySelectorAll(WRITING)) {
    if (away) control.setAttribute("aria-disabled", "true");
    else control.removeAttribute("aria-disabled");
  }
};

/**
 * @param {string} lang, dir of the page, kept right when the page changes without loading a document
 * @param {string} leaveTo an address to load as a whole document, "" to stay
 * @param {boolean} away whether the server cannot be heard
 */
export function Shell({ lang, dir, leaveTo, away }) {
  useEffect(() => {
    document.documentElement.lang = lang;
    document.documentElement.dir = dir;
  }, [lang, dir]);

  useEffect(() => {
    if (leaveTo) window.location.assign(leaveTo);
  }, [leaveTo]);

  useEffect(() => {
    if (!away) return undefined;
    markWritingControls(true);
    for (const kind of ["click", "submit"]) document.addEventListener(kind, hold, true);
    return () => {
      markWritingControls(false);
      for (const kind of ["click", "submit"]) document.removeEventListener(kind, hold, true);
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
