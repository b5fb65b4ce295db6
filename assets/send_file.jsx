// A photo or a document, sent while the page stays as it is: a call goes on meanwhile. Pictures are drawn anew and made
// smaller first: a poor line carries them, and nothing in them says any more where they were taken.
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

const post = (address, job, locale, onPart) =>
  new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("x-request-key", job.key);
    request.setRequestHeader("x-filename", encodeURIComponent(job.name));
    request.setRequestHeader("x-locale", locale);
    request.setRequestHeader("content-type", "application/octet-stream");
    request.upload.onprogress = ({ loaded, total }) => total && onPart(loaded / total);
    request.onload = () => done({ status: request.status, text: request.responseText });
    request.onerror = () => done({ status: 0, text: "" });
    request.send(job.content);
  });

const wordsOf = ({ status, text }, words) => {
  if (status === 422 || status === 429) {
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
    const answer = await post(address, job.current, document.documentElement.lang, setPart);
    setPart(null);
    if (answer.status === 204) {
      setSaid(words.sent);
      job.current = null;
    } else {
      setProblem(wordsOf(answer, words));
      if (answer.status !== 0 && answer.status < 500) job.current = null; // once more would be refused once more
    }
  };
  const take = async (event) => {
    const file = event.target.files[0];
    event.target.value = "";
    if (!file) return;
    setSaid("");
    setProblem("");
    setPart(0);
    job.current = { key: crypto.randomUUID(), name: file.name, content: await drawnAnew(file) };
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
