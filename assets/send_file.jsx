// A photo or a document, sent while the page stays as it is: a call goes on meanwhile. Pictures are drawn anew and made
// smaller first: a poor line carries them, and nothing in them says any more where they were taken. It goes in pieces; where
// the line breaks, what has arrived stays, and the next try goes on from there.
import { createElement as h, useRef, useState } from "react";

const LONGEST_SIDE = 2560;
const KINDS = "image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif,application/pdf";

const drawnAnew = async (file) => {
  if (!file.type.startsWith("image/")) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    return (await new Promise((keep) => canvas.toBlob(keep, "image/jpeg", 0.9))) || file;
  } catch {
    return file; // whether it can be taken at all, the server says
  }
};

const PIECE = 512 * 1024;
const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 16000]; // between tries of one piece; then a button asks the person

const post = (address, job, locale, onPart) =>
  new Promise((done) => {
    const { content } = job;
    const piece = content.slice(job.at, job.at + PIECE);
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("x-request-key", job.key);
    request.setRequestHeader("x-filename", encodeURIComponent(job.name));
    request.setRequestHeader("x-locale", locale);
    request.setRequestHeader("x-upload-length", content.size);
    request.setRequestHeader("x-upload-offset", job.at);
    request.setRequestHeader("content-type", "application/octet-stream");
    request.upload.onprogress = ({ loaded, total }) => total && onPart((job.at + (piece.size * loaded) / total) / content.size);
    const answer = (status, text) => ({ status, text, at: Number.parseInt(request.getResponseHeader("x-upload-offset") ?? "", 10) });
    request.onload = () => done(answer(request.status, request.responseText));
    request.onerror = () => done({ status: 0, text: "", at: Number.NaN });
    request.send(piece);
  });

// After a break: at once when the line is back, else after a while.
const pause = (ms) =>
  new Promise((done) => {
    const on = () => {
      clearTimeout(timer);
      window.removeEventListener("online", on);
      done();
    };
    const timer = setTimeout(on, ms);
    window.addEventListener("online", on);
  });

const isBreak = (status) => status === 0 || status >= 500;

// Sends what is missing and returns the last answer: 204 once it is kept.
const sendAll = async (address, job, locale, onPart) => {
  for (let tries = 0; ; ) {
    const answer = await post(address, job, locale, onPart);
    const isOn = answer.status === 202 || (answer.status === 409 && answer.at !== job.at);
    if (isOn && answer.at >= 0) {
      job.at = answer.at;
      tries = 0;
    } else if (isBreak(answer.status) && tries < PAUSES_MS.length) {
      await pause(PAUSES_MS[tries]);
      tries += 1;
    } else {
      return answer;
    }
  }
};

const wordsOf = ({ status, text }, words) => {
  if (status === 422 || status === 429 || status === 503) {
    try {
      return JSON.parse(text).words;
    } catch {
      return words.failed;
    }
  }
  if (status === 413) return words.tooLarge;
  return status === 404 || status === 403 ? words.notNow : words.failed;
};

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
