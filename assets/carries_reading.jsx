// Once a page is still, it brings what is needed to log a reading from here without a line: the page for it, what it judges
// with, and the page that says whom to call where nothing is reached at all.
import { createElement, useEffect, useState } from "react";
import { PrefetchPageLinks } from "react-router";

const STILL_MS = 4000; // the page itself comes first

const bring = async (locale) => {
  try {
    navigator.serviceWorker?.register("/sw.js", { scope: "/" }).catch(() => null);
    const { bringSheet, carriedSheet } = await import("./carried_sheet.js");
    if (!carriedSheet()) await bringSheet(locale);
  } catch {
    // The line has gone meanwhile, and the page for it says what to do.
  }
};

/** @param {string} address of the page on which a reading is logged, in this language */
export function CarriesReading({ address, locale }) {
  const [isStill, setStill] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      setStill(true);
      bring(locale);
    }, STILL_MS);
    return () => clearTimeout(timer);
  }, []);
  return isStill ? createElement(PrefetchPageLinks, { page: address }) : null;
}
