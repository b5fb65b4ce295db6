// A photo or a document, sent while the page stays as it is: a call goes on meanwhile. It goes in pieces; where the line
// breaks, what has arrived stays, and the next try goes on from there.
import { createElement as h, useRef, useState } from "react";
import { drawnAnew, isBreak, KINDS, sendAll, wordsOf } from "./file_pieces.js";

/**
 * @param {string} address where it is sent
 * @param {object} words everything that is said
 */
export function SendFile({ address, words }) {
  const chooser = useRef(null);
  const job = useRef(null);
  const [part, setPart] = useState(null);
  const [said, setSaid] = useState("");
  const [problem, setProblem] = useState("");

  const send = async () => {
    setSaid("");
    setProblem("");
    setPart(0);
    const answer = await sendAll(address, job.current, document.documentElement.lang, setPart);
    setPart(null);
    if (answer.status === 204) {
      setSaid(words.sent);
      job.current = null;
    } else {
      setProblem(wordsOf(answer, words));
      if (!isBreak(answer.status)) job.current = null; // once more would be refused once more
    }
  };
  const take = async (event) => {
    const file = event.target.files[0];
    event.target.value = "";
    if (!file) return;
    setSaid("");
    setProblem("");
    setPart(0);
    job.current = { key: crypto.randomUUID(), name: file.name, content: await drawnAnew(file), at: 0 };
    await send();
  };

  const isBusy = part !== null;
  return h(
    "div",
    { className: "send-file grid grid-cols-1 gap-2" },
    h("input", { ref: chooser, type: "file", accept: KINDS, hidden: true, onChange: take, "data-chooser": "" }),
    h(
      "button",
      { type: "button", className: "btn btn-second", "aria-disabled": isBusy, onClick: () => isBusy || chooser.current.click() },
      words.choose,
    ),
    isBusy && h("progress", { value: part, max: 1, "aria-label": words.sending, className: "w-full" }),
    h("p", { role: "status" }, isBusy ? words.sending : said),
    h("p", { role: "alert" }, problem),
    problem && job.current && h("button", { type: "button", className: "btn btn-second", onClick: send }, words.again),
  );
}
