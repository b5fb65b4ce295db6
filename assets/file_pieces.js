// A file on its way in pieces. Pictures are drawn anew and made smaller first: a poor line carries them, and nothing in them
// says any more where they were taken.
const LONGEST_SIDE = 2560;
export const KINDS = "image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif,application/pdf";

export const drawnAnew = async (file) => {
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

/** A name without half characters, which some systems let a file have and no header can carry. */
export const wellFormed = (name) => name.replace(/\p{Surrogate}/gu, "\ufffd");

const PIECE = 512 * 1024;
const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 16000]; // between tries of one piece; then a button asks the person

const post = (address, job, locale, onPart) =>
  new Promise((done) => {
    const { content } = job;
    const piece = content.slice(job.at, job.at + PIECE);
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("x-request-key", job.key);
    request.setRequestHeader("x-filename", encodeURIComponent(wellFormed(job.name)));
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

export const isBreak = (status) => status === 0 || status >= 500;

/** Send what is missing and return the last answer: 204 once it is kept. `pauses` are between tries of one piece. */
export const sendAll = async (address, job, locale, onPart, pauses = PAUSES_MS) => {
  for (let tries = 0; ; ) {
    const answer = await post(address, job, locale, onPart);
    const isOn = answer.status === 202 || (answer.status === 409 && answer.at !== job.at);
    if (isOn && answer.at >= 0) {
      job.at = answer.at;
      tries = 0;
    } else if (isBreak(answer.status) && tries < pauses.length) {
      await pause(pauses[tries]);
      tries += 1;
    } else {
      return answer;
    }
  }
};

export const wordsOf = ({ status, text }, words) => {
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
