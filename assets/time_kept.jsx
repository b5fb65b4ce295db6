// Tells the page when a time that is kept for somebody is about to end, and when it has ended. The server says how many
// seconds are left, because the clocks of phones are wrong; a phone that slept is told when it wakes.
import { useEffect } from "react";

export function TimeKept({ seconds, warnAt, moment, onWarn, onEnd }) {
  useEffect(() => {
    if (!moment) return;
    const began = Date.now();
    let warned = false;
    let ended = false;
    const look = () => {
      const left = seconds - (Date.now() - began) / 1000;
      if (left <= 0 && !ended) {
        ended = true;
        onEnd();
      } else if (left <= warnAt && left > 0 && !warned) {
        warned = true;
        onWarn();
      }
    };
    const timer = setInterval(look, 1000);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [moment]);
  return null;
}
