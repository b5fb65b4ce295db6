// What is pressed stays where it is until the tap has come to something. Drawn anew in between, it would move from under
// the finger or be another element, and the tap be lost: leaving a field tells its answer between the press and the click.
import { useEffect, useRef } from "react";

const UNTIL_CLICK_MS = 500; // after letting go: a touch screen's click is a moment later
const LONGEST_MS = 5000; // no tap takes longer; a list that opens can swallow the letting go

/** Return a function that draws anew: at once or, while something is pressed, before anything hears of the click. */
export const useOnceLetGo = (draw) => {
  const own = useRef({ pressed: null, isDue: false, timer: 0 }).current;
  useEffect(() => {
    const end = () => {
      const { isDue } = own;
      clearTimeout(own.timer);
      Object.assign(own, { pressed: null, isDue: false });
      return isDue;
    };
    const endAndDraw = () => end() && draw();
    const endIn = (time) => {
      clearTimeout(own.timer);
      own.timer = setTimeout(endAndDraw, time);
    };
    const hear = {
      pointerdown: ({ target }) => {
        own.pressed = target;
        endIn(LONGEST_MS);
      },
      pointerup: () => own.pressed && endIn(UNTIL_CLICK_MS),
      pointercancel: endAndDraw,
      change: ({ target }) => target instanceof HTMLSelectElement && endAndDraw(),
      click: () => {
        const { pressed } = own;
        if (!end()) return;
        const { top } = pressed.getBoundingClientRect();
        draw(); // as of a click, React draws once this listener has returned and before any other hears of the click
        // What comes or goes above it does not move it, nor what would be tapped next.
        queueMicrotask(() => pressed.isConnected
          && window.scrollBy({ top: pressed.getBoundingClientRect().top - top, behavior: "instant" }));
      },
    };
    for (const [kind, act] of Object.entries(hear)) window.addEventListener(kind, act, true);
    return () => {
      clearTimeout(own.timer);
      for (const [kind, act] of Object.entries(hear)) window.removeEventListener(kind, act, true);
    };
  }, []);
  return () => {
    if (own.pressed) own.isDue = true;
    else draw();
  };
};
