// A signature drawn with a finger, a pen or a mouse, as SVG path data. It is beside the name that is typed, never instead of
// it: whoever cannot draw signs just as well. No more is drawn than the server takes.
import { createElement as h, useRef } from "react";

const WIDTH = 600;
const HEIGHT = 200;
const LONGEST = 20000;
const LOOK = { display: "block", width: "100%", maxWidth: "37.5rem", border: "2px solid", borderRadius: "0.5rem", touchAction: "none" };

const within = (value, most) => Math.max(0, Math.min(most, Math.round(value)));

/**
 * @param {string} drawn the strokes so far
 * @param {object} words everything that is said
 * @param {(drawn: string) => void} onDraw hears the strokes after each move
 */
export function SignaturePad({ drawn, words, onDraw }) {
  const pad = useRef(null);
  const path = useRef(null);
  const strokes = useRef(drawn);
  const isDown = useRef(false);
  const last = useRef("");

  const add = (letter, event) => {
    const box = pad.current.getBoundingClientRect();
    const across = within(((event.clientX - box.left) / box.width) * WIDTH, WIDTH);
    const down = within(((event.clientY - box.top) / box.height) * HEIGHT, HEIGHT);
    const point = `${across} ${down}`;
    if (letter === "L" && point === last.current) return;
    const more = letter === "M" ? `M${point}L${point}` : `L${point}`;
    if (strokes.current.length + more.length > LONGEST) return;
    last.current = point;
    strokes.current += more;
    path.current.setAttribute("d", strokes.current);
  };
  const begin = (event) => {
    event.preventDefault();
    pad.current.setPointerCapture(event.pointerId);
    isDown.current = true;
    add("M", event);
  };
  const move = (event) => isDown.current && add("L", event);
  const end = () => {
    if (!isDown.current) return;
    isDown.current = false;
    onDraw(strokes.current);
  };
  const clear = () => {
    strokes.current = "";
    path.current.setAttribute("d", "");
    onDraw("");
  };

  return h("div", { className: "grid grid-cols-1 gap-2" },
    h("span", { className: "hint" }, words.draw),
    h("svg", { ref: pad, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, style: LOOK, role: "img", "data-pad": "",
      "aria-label": drawn ? words.drawn : words.draw,
      onPointerDown: begin, onPointerMove: move, onPointerUp: end, onPointerCancel: end },
      h("path", { ref: path, d: drawn, fill: "none", stroke: "currentColor", strokeWidth: 3, strokeLinecap: "round" })),
    drawn && h("button", { type: "button", className: "btn btn-quiet", onClick: clear }, words.drawAgain));
}
