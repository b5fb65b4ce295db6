// A form from elsewhere: chosen or pasted, looked at as a patient will see it, and kept. All words come from the page.
import { createElement as h, useRef, useState } from "react";
import { Heading, stepsOf } from "./form_filler.jsx";
import { named, Notes, Question, withUnit } from "./form_parts.js";
import { useOnceLetGo } from "./form_press.js";
import { indexed } from "./form_rules.js";

const LONGEST = 4_000_000;

const post = async (address, written, locale) => {
  if (written.length > LONGEST) return { status: 413, told: {} };
  try {
    const answer = await fetch(address, {
      method: "POST", body: written, cache: "no-store", redirect: "manual",
      headers: { "content-type": "application/json", "x-locale": locale },
    });
    return { status: answer.status, told: await answer.json().catch(() => ({})) };
  } catch {
    return { status: 0, told: {} };
  }
};

/** The questions of a form as a patient sees them; what is answered here decides what is asked, and goes nowhere. */
const Preview = ({ sheet, lang, words, locale }) => {
  const [answers, setAnswers] = useState({});
  const newest = useRef(answers);
  const draw = useOnceLetGo(() => setAnswers(newest.current));
  const answer = (key, values) => {
    newest.current = { ...newest.current, [key]: values };
    draw();
  };
  const index = indexed(sheet.items);
  const drawn = ({ key, kind, place, before = [], notes = [], within = [], group, count }) =>
    h("div", { key, className: "grid grid-cols-1 gap-3" },
      h(Heading, { titles: within, locale }),
      before.map((one) => h("p", { key: one.key, className: "whitespace-pre-line" }, one.item.text)),
      kind === "question" && h(Question, {
        item: withUnit(place.item, notes), name: named(key), values: answers[key] ?? place.item.initial ?? [], words,
        heading: (text) => (place.item.required ? text : `${text} ${words.optional}`),
        onValues: (values) => answer(key, values),
      }),
      h(Notes, { notes }),
      kind === "more" && h("button", { type: "button", className: "btn btn-second",
        onClick: () => answer(group.key, [count + 1]) }, words.another));
  return h("div", { className: "card grid grid-cols-1 gap-6", lang, dir: lang === "ar" ? "rtl" : "ltr", "data-preview": lang },
    h("h3", null, sheet.title), ...stepsOf(sheet, answers, index).map(drawn));
};

const Problems = ({ problems, words, box }) =>
  h("div", { className: "banner tone-critical", role: "alert", tabIndex: -1, ref: box }, h("div", { className: "banner-words" },
    h("h2", null, words.problems),
    h("ul", { className: "grid grid-cols-1 gap-2", role: "list" }, ...problems.map(({ at, words: said }, n) =>
      h("li", { key: n }, h("code", { dir: "ltr", className: "block break-all" }, at), said)))));

/**
 * @param {string} locale of the page
 * @param {object} words everything that is said
 * @param {string} back where the forms are listed
 */
export function FormImport({ locale, words, back }) {
  const [written, setWritten] = useState("");
  const [state, setState] = useState({});
  const [shown, setShown] = useState(0);
  const box = useRef(null);
  const settle = (more) => {
    setState(more);
    setTimeout(() => box.current?.focus());
  };

  const ask = async (address, then) => {
    if (state.busy) return;
    if (!written.trim()) return settle({ problems: [{ at: "", words: words.nothing }] });
    setState({ ...state, busy: true });
    const { status, told } = await post(address, written, locale);
    if (status === 200 && !told.problems) return then(told);
    if (status === 401) return settle({ leave: told.leave, said: told.words });
    if (told.problems) return settle({ problems: told.problems });
    return settle({ problems: [{ at: "", words: status === 413 ? words.tooLarge : told.words || words.away }] });
  };
  const check = () => ask("/questionnaires/check", (found) => {
    setShown(0);
    settle({ found });
  });
  const keep = () => ask("/questionnaires", () => settle({ isKept: true }));
  const type = (text) => {
    setWritten(text);
    setState({});
  };
  const choose = async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    if (file.size > LONGEST) settle({ problems: [{ at: "", words: words.tooLarge }] });
    else type(await file.text());
  };

  const { found, problems } = state;
  const sheet = found?.sheets[shown];
  return h("section", { className: "grid grid-cols-1 gap-6" },
    state.leave && h("div", { className: "banner tone-caution", role: "alert", tabIndex: -1, ref: box },
      h("div", { className: "banner-words" }, h("strong", null, state.said),
        h("a", { className: "btn btn-second", href: state.leave }, words.signIn))),
    problems && h(Problems, { problems, words, box }),
    state.isKept && h("div", { className: "banner tone-good", role: "status", tabIndex: -1, ref: box },
      h("div", { className: "banner-words" }, h("strong", null, words.kept),
        h("a", { className: "btn btn-second", href: back }, words.list))),
    h("div", { className: "field" },
      h("label", { htmlFor: "form-file" }, words.file),
      h("input", { type: "file", id: "form-file", className: "file", accept: ".json,application/json,application/fhir+json", onChange: choose })),
    h("div", { className: "field" },
      h("label", { htmlFor: "form-text" }, words.paste),
      h("textarea", { id: "form-text", className: "input", rows: 8, dir: "ltr", spellCheck: false, autoComplete: "off",
        value: written, onChange: (event) => type(event.target.value) })),
    h("button", { type: "button", className: "btn", "aria-busy": Boolean(state.busy), onClick: check }, words.check),
    found && h("section", { className: "grid grid-cols-1 gap-4", tabIndex: -1, ref: box },
      h("h2", null, words.preview),
      h("p", null, h("bdi", null, found.title), " · ", h("bdi", null, found.version)),
      h("p", null, found.standing),
      found.notes.length > 0 && h("ul", { className: "grid grid-cols-1 gap-2" }, ...found.notes.map(({ at, words: said }, n) =>
        h("li", { key: n }, h("code", { dir: "ltr", className: "block break-all" }, at), said))),
      h("div", { className: "flex flex-wrap gap-2", role: "group", "aria-label": words.languages }, ...found.sheets.map((one, n) =>
        h("button", { key: one.lang, type: "button", lang: one.lang, className: "btn btn-second", "aria-pressed": n === shown,
          onClick: () => setShown(n) }, one.name))),
      h("p", { className: "quiet" }, words.onlyThese),
      h(Preview, { key: sheet.lang, sheet: sheet.sheet, lang: sheet.lang, words, locale }),
      !found.isKept && h("button", { type: "button", className: "btn", "aria-busy": Boolean(state.busy), onClick: keep }, words.keep)));
}
