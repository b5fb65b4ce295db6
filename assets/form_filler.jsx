// A form that a tired person can finish with a thumb: one question on a screen of its own on a phone, a page where there is
// room. Every answer is kept on the device at once and sent when there is a line. All words come from the page.
import { createElement as h, useEffect, useReducer, useRef, useState } from "react";
import { faultOfAnswer, indexed, itemAt, places, problemsOf, urgent } from "./form_rules.js";
import { inWords, named, Notes, Question, withUnit } from "./form_parts.js";
import { useOnceLetGo } from "./form_press.js";
import { SignaturePad } from "./form_signature.js";
import { isRefusal, Sender } from "./form_store.js";
import { drawnAnew, wellFormed, wordsOf } from "./file_pieces.js";
import { uuid } from "./kept_queue.js";

const WIDE = "(min-width: 48rem)";
const REVIEW = " review"; // where one is after the last question
const LARGEST_FILE = 15_000_000;
const LONGEST_NAME = 200;
const isOurKind = ({ type, name }) => type.startsWith("image/") || type === "application/pdf" || /\.(heic|heif)$/i.test(name);

const useWide = () => {
  const [isWide, setWide] = useState(() => window.matchMedia(WIDE).matches);
  useEffect(() => {
    const query = window.matchMedia(WIDE);
    const hear = () => setWide(query.matches);
    query.addEventListener("change", hear);
    return () => query.removeEventListener("change", hear);
  }, []);
  return isWide;
};

const put = (text, facts) => Object.entries(facts).reduce((said, [name, fact]) => said.replace(`{${name}}`, fact), text);

/** Where somebody signs in again, leading back to this form as it was opened: from check-in, or not. */
const leadingHere = (leave = "") => leave.replace(/\/forms\/[0-9a-f-]+/, (found) => found + encodeURIComponent(window.location.search));

/** What is gone through one after the other: questions with the words that stand before them, and "another one?". */
export const stepsOf = (sheet, answers, index) => {
  const steps = [];
  const open = [];
  let before = [];
  const close = (key) => {
    while (open.length && !key.startsWith(open.at(-1).prefix)) {
      const { group, count } = open.pop();
      if (count < 20) steps.push({ key: `${group.key} +`, kind: "more", group, count });
    }
  };
  for (const place of places(sheet, answers, index)) {
    const { key, item } = place;
    close(key);
    if (item.type === "group") {
      if (item.repeats) open.push({ prefix: `${key} `, group: place, count: Math.max(1, answers[key]?.[0] || 1) });
    } else if (item.type === "display") {
      const above = index.get(item.id).parent?.id;
      const question = above && steps.find((one) => one.notes && one.key === key.slice(0, -item.id.length) + above);
      (question ? question.notes : before).push(place); // what stands below a question is said with it
    } else if (item.asked) {
      steps.push({ key, kind: "question", place, before, notes: [], within: around(index, key) });
      before = [];
    }
  }
  close("");
  if (before.length) steps.push({ key: " end", kind: "words", before, within: [] });
  return steps;
};

/** The titles of the groups around a question, with which repetition it is of those that repeat. */
const around = (index, key) => {
  const parts = key.split(" ");
  const titles = [];
  let rest = parts.slice(0, -1);
  for (let { parent } = index.get(parts.at(-1)); parent; ({ parent } = index.get(parent.id))) {
    const number = parent.repeats && rest.length ? Number(rest.at(-1)) + 1 : 0;
    if (parent.repeats) rest = rest.slice(0, -2);
    if (parent.text && parent.type === "group") titles.unshift({ text: parent.text, number });
  }
  return titles;
};

export const Heading = ({ titles, locale }) =>
  titles.map(({ text, number }, n) =>
    h("p", { key: n, className: "font-bold" }, number ? `${text} ${number.toLocaleString(locale)}` : text));

const Crisis = ({ crisis, words }) =>
  h("section", { className: "banner tone-critical", role: "alert" }, h("div", { className: "banner-words" },
    h("strong", null, words.crisisTitle),
    h("p", null, words.crisisText),
    h("p", null, crisis.words),
    h("a", { className: "btn btn-critical", href: `tel:${crisis.line}` }, put(words.crisisCall, { number: crisis.line })),
    h("a", { className: "btn btn-critical-second", href: `tel:${crisis.emergency}` },
      put(words.crisisEmergency, { number: crisis.emergency }))));

const Conflict = ({ item, conflict, mine, words, locale, onPick }) =>
  h("section", { className: "banner tone-caution", role: "alert" }, h("div", { className: "banner-words" },
    h("strong", null, words.conflict),
    h("p", null, item.text),
    h("button", { type: "button", className: "btn btn-second", onClick: () => onPick(conflict.values) },
      put(words.keepTheirs, { answer: inWords(item, conflict.values, words, locale) })),
    h("button", { type: "button", className: "btn btn-second", onClick: () => onPick(mine) },
      put(words.keepMine, { answer: inWords(item, mine, words, locale) }))));

/**
 * @param {string} form its id
 * @param {string} locale of the page
 * @param {object} words everything that is said
 * @param {string} phone of the practice, for whoever cannot go on
 * @param {string} back where to go if nothing is known of the form
 * @param {string} checkIn the check-in that somebody came from, and goes back to; "" if it was no check-in
 */
export function FormFiller({ form, locale, words, phone, back, checkIn }) {
  const [, redraw] = useReducer((count) => count + 1, 0);
  const state = useRef({ status: "loading", answers: {}, numbers: {}, conflicts: {}, errors: {}, at: "", name: "", drawn: "", said: "" }).current;
  const sender = useRef(null);
  const top = useRef(null);
  const isWide = useWide();
  const change = (more) => {
    Object.assign(state, more);
    redraw();
  };
  const redrawOnceLetGo = useOnceLetGo(redraw);
  const changeOnceLetGo = (more) => {
    Object.assign(state, more);
    redrawOnceLetGo();
  };

  useEffect(() => {
    if (!form) return undefined;
    const own = new Sender(form, locale, hear);
    sender.current = own;
    const begin = async () => {
      const { kept, place } = await own.start();
      const { status, told } = await own.post("sheet");
      if (status !== 200) return change({ status: status === 0 ? "away" : "refused", told });
      if (told.isOnlySeen) return change({ ...told, index: indexed(told.sheet.items), status: "seen" });
      const overlaid = Object.fromEntries(kept.map((one) => [one.key, one.values]));
      const index = indexed(told.sheet.items);
      const answers = { ...told.answers, ...overlaid };
      const was = place || told.place;
      const last = stepsOf(told.sheet, answers, index).find((one) => one.key === was);
      own.place = was;
      change({ ...told, index, answers, at: last ? last.key : was === REVIEW ? was : "", status: told.isSent ? "sent" : "filling" });
      if (last && isWide) setTimeout(() => document.getElementById(named(last.key))?.scrollIntoView({ block: "center" }));
      return own.flush();
    };
    begin();
    return () => own.stop();
  }, [form]);

  const fileWords = { failed: words.fileFailed, tooLarge: words.fileTooLarge, notNow: words.fileFailed };

  /** Take a file out of an answer that nobody took, and say why. */
  const without = (key, file, problem) => {
    const values = (state.answers[key] ?? []).filter((one) => one.file !== file);
    changeOnceLetGo({ answers: { ...state.answers, [key]: values }, errors: { ...state.errors, [key]: problem } });
  };

  function hear({ kind, told, status, key, file, answer }) {
    if (kind === "gone") return changeOnceLetGo({ status: "sent" });
    if (kind === "refused") return changeOnceLetGo({ status: status === 401 ? state.status : "refused", told, leave: leadingHere(told.leave) });
    if (kind === "waiting") return changeOnceLetGo({ saved: "" });
    if (kind === "file") return without(key, file, wordsOf(answer, fileWords));
    const conflicts = { ...state.conflicts };
    for (const one of told.conflicts) conflicts[one.key] = one;
    for (const one of told.refused) {
      if (itemAt(state.index, one)?.type !== "attachment") continue;
      for (const lost of state.answers[one] ?? []) without(one, lost.file, words.fileFailed);
    }
    const saved = new Date().toLocaleTimeString(locale, { hour: "numeric", minute: "2-digit" });
    return changeOnceLetGo({ numbers: { ...state.numbers, ...told.numbers }, latest: told.latest, conflicts, saved, leave: "" });
  }

  if (state.status === "seen") return h(Seen, { state, words, locale, back, checkIn });
  if (state.status !== "filling") return h(Standing, { state, words, phone, back, checkIn, waiting: sender.current?.waiting || 0 });

  const { sheet, answers, index } = state;
  const foreign = state.lang === locale ? {} : { lang: state.lang, dir: state.lang === "ar" ? "rtl" : "ltr" };
  const steps = stepsOf(sheet, answers, index);
  const items = new Map(steps.filter((one) => one.place).map((one) => [one.key, one.place.item]));

  const errorOf = (key, item, values) => {
    const fault = values.length ? faultOfAnswer(item, values) : item.required ? "missing" : "";
    return fault && put(words[fault] || words.type, { most: item.max ?? "", least: item.min ?? "", length: item.maxLength ?? "" });
  };

  /** Keep an answer in the page, and on the device once it fits its question. */
  const give = (key, item, values) => {
    const before = state.answers[key] ?? [];
    const errors = { ...state.errors };
    if (errors[key] && !errorOf(key, item, values)) delete errors[key];
    const fits = !values.length || !faultOfAnswer(item, values);
    if (fits && JSON.stringify(before) !== JSON.stringify(values)) sender.current.give(key, values, state.numbers[key] || 0);
    changeOnceLetGo({ answers: { ...state.answers, [key]: values }, errors });
  };

  /** Keep a file as an answer, sent at once where there is a line. Returns what is wrong with it, or "". */
  const attach = async (key, item, file, onPart) => {
    if (!isOurKind(file)) return words.fileKind;
    const [id, content] = [uuid(), await drawnAnew(file)];
    if (content.size > LARGEST_FILE) return words.fileTooLarge;
    if (!content.size) return words.fileFailed;
    const value = { file: id, name: [...wellFormed(file.name).trim()].slice(0, LONGEST_NAME).join("") || words.fileNameless };
    const said = await sender.current.attach(id, value.name, content, onPart);
    if (isRefusal(said.status)) return wordsOf(said, fileWords);
    give(key, item, item.repeats ? [...(state.answers[key] ?? []), value] : [value]);
    return "";
  };

  const settle = (key, item, values) => {
    const { number } = state.conflicts[key];
    const conflicts = { ...state.conflicts };
    delete conflicts[key];
    change({ conflicts, answers: { ...answers, [key]: values } });
    sender.current.give(key, values, number);
  };

  const go = (at) => {
    change({ at, errors: {}, summary: [] });
    sender.current.move(at);
    setTimeout(() => top.current?.focus());
  };

  // What comes and goes stands in lists of its own: spread among the fields, it would have React make those anew.
  const question = ({ key, place, before, notes, within }, isHeading) =>
    h("div", { key, className: "grid grid-cols-1 gap-3", ...foreign },
      h(Heading, { titles: within, locale }),
      before.map((one) => h("p", { key: one.key, className: "whitespace-pre-line" }, one.item.text)),
      h(Question, {
        item: withUnit(place.item, notes), name: named(key), values: answers[key] ?? place.item.initial ?? [], words,
        error: state.errors[key], onValues: (values) => give(key, place.item, values),
        onFile: (file, onPart) => attach(key, place.item, file, onPart),
        heading: (text) => {
          const said = place.item.required ? text : `${text} ${words.optional}`;
          return isHeading ? h("h3", null, said) : said;
        },
      }),
      h(Notes, { notes }),
      place.item.link && h("a", { href: place.item.link, target: "_blank", rel: "noreferrer" }, words.support));

  const more = ({ key, group, count }) =>
    h("div", { key, className: "grid grid-cols-1 gap-3" },
      h("p", { className: "font-bold" }, put(words.anotherOne, { what: group.item.text })),
      h("button", { type: "button", className: "btn btn-second", onClick: () => {
        give(group.key, group.item, [count + 1]);
        setTimeout(() => !isWide && advance(key, `${group.key} ${count} `));
      } }, words.another),
      count > 1 && h("button", { type: "button", className: "btn btn-quiet",
        onClick: () => give(group.key, group.item, [count - 1]) }, words.removeLast));

  const onlyWords = ({ key, before }) =>
    h("div", { key, ...foreign }, ...before.map((one) => h("p", { key: one.key, className: "whitespace-pre-line" }, one.item.text)));

  const draw = (step, isHeading) => ({ question, more, words: onlyWords })[step.kind](step, isHeading);

  const here = steps.findIndex((one) => one.key === state.at);
  const current = steps[Math.max(here, 0)];
  const isReview = state.at === REVIEW;

  const advance = (key, wanted) => {
    const now = stepsOf(sheet, state.answers, index);
    const found = wanted ? now.find((one) => one.key.startsWith(wanted)) : now[now.findIndex((one) => one.key === key) + 1];
    go(found ? found.key : REVIEW);
  };

  const goOn = () => {
    if (current.kind === "question") {
      const { key, place } = current;
      const error = errorOf(key, place.item, state.answers[key] ?? place.item.initial ?? []);
      if (error) return complain([[key, error]]);
    }
    return advance(current.key);
  };

  const complain = (found) => {
    change({ errors: Object.fromEntries(found), summary: found });
    return setTimeout(() => top.current?.focus());
  };

  const review = () => {
    const found = problemsOf(sheet, state.answers, index).map(({ at, code }) =>
      [at, at && itemAt(index, at) ? errorOf(at, itemAt(index, at), state.answers[at] ?? []) || words[code] : words[code]]);
    if (found.length) return isWide || !found[0][0] ? complain(found) : (go(found[0][0]), complain(found.slice(0, 1)));
    return go(REVIEW);
  };

  const submit = async () => {
    if (state.busy) return;
    if (sheet.signed && !state.name.trim()) return complain([["signature", words.sign]]);
    change({ busy: true, summary: [] });
    if (!(await sender.current.flush())) return change({ busy: false, told: { words: words.sendLater }, summary: [["", words.sendLater]] });
    const { status, told } = await sender.current.post("send", { latest: state.latest, name: state.name, drawn: state.drawn });
    change({ busy: false });
    if (status === 200 || status === 410) return change({ status: "sent" });
    if (status === 401) return change({ leave: leadingHere(told.leave) });
    if (status === 412) {
      const anew = await sender.current.post("sheet");
      if (anew.status === 200) change({ answers: anew.told.answers, numbers: anew.told.numbers, latest: anew.told.latest });
    }
    return complain([[told.at || "", told.words || words.sendLater]]);
  };

  const waiting = sender.current.waiting;
  const goBack = () => go(isReview ? steps.at(-1).key : steps[here - 1].key);
  const standing = waiting ? words.waiting : state.saved ? put(words.saved, { time: state.saved }) : words.kept;
  const atQuestion = steps.filter((one) => one.kind === "question");
  const openConflicts = Object.values(state.conflicts).filter(({ key }) => items.get(key));

  return h("section", { className: "grid grid-cols-1 gap-6", "data-form": "filling", ref: top, tabIndex: -1 },
    h("h2", foreign, sheet.title),
    foreign.lang && h("p", { className: "quiet" }, words.otherLanguage),
    h("p", { role: "status", className: "quiet" }, standing),
    state.leave && h("div", { className: "banner tone-caution", role: "alert" }, h("div", { className: "banner-words" },
      h("strong", null, words.signedOut), h("a", { className: "btn btn-second", href: state.leave }, words.signIn))),
    state.crisis && urgent(sheet, answers).length > 0 && h(Crisis, { crisis: state.crisis, words }),
    state.summary?.length > 0 && h("div", { className: "banner tone-critical", role: "alert" }, h("div", { className: "banner-words" },
      h("h3", null, words.problem),
      h("ul", null, ...state.summary.map(([key, text]) => h("li", { key },
        key ? h("a", { href: `#${named(key)}`, className: "inline-block py-3 underline", onClick: (event) => {
          event.preventDefault();
          if (isReview && items.has(key)) go(key);
          setTimeout(() => document.getElementById(named(key))?.focus());
        } }, items.get(key) && isWide ? `${items.get(key).text} ${text}` : text) : text))))),
    openConflicts.map((one) => h(Conflict, { key: one.key, item: items.get(one.key), conflict: one, mine: answers[one.key] ?? [],
      words, locale, onPick: (values) => settle(one.key, items.get(one.key), values) })),
    isReview
      ? h(Review, { atQuestion, answers, words, locale, onChange: go })
      : isWide ? steps.map((one) => draw(one, false)) : current && draw(current, true),
    isReview && sheet.signed && h("div", { className: "field", "data-wrong": String(Boolean(state.errors.signature)) },
      h("label", { htmlFor: named("signature") }, words.signature),
      h("span", { className: "hint", id: "signature-hint" }, words.signatureHint),
      h("input", { id: named("signature"), className: "input", autoComplete: "name", dir: "auto", value: state.name,
        "aria-describedby": "signature-hint", onChange: (event) => change({ name: event.target.value }) }),
      h(SignaturePad, { drawn: state.drawn, words, onDraw: (drawn) => change({ drawn }) })),
    h("div", { className: "grid grid-cols-1 gap-3" },
      isReview
        ? h("button", { type: "button", className: "btn", "aria-busy": Boolean(state.busy), onClick: submit }, words.send)
        : h("button", { type: "button", className: "btn", onClick: () => (isWide ? review() : goOn()) },
          isWide ? words.review : words.goOn),
      (isReview || (!isWide && here > 0)) && h("button", { type: "button", className: "btn btn-quiet", onClick: goBack }, words.previous)));
}

const Review = ({ atQuestion, answers, words, locale, onChange }) =>
  h("div", { className: "grid grid-cols-1 gap-3" },
    h("h3", null, words.reviewTitle),
    h("ul", { className: "rows", role: "list" }, ...atQuestion.map((step) =>
      h("li", { key: step.key }, h("button", { type: "button", className: "row", onClick: () => onChange(step.key) },
        h(Answered, { step, values: answers[step.key] ?? step.place.item.initial ?? [], words, locale }),
        h("span", { className: "row-end" }, words.change))))));

/** A question with its answer in words. */
const Answered = ({ step: { place, within }, values, words, locale }) => {
  const title = [...within.filter(({ number }) => number).map(({ text, number }) => `${text} ${number.toLocaleString(locale)}`), place.item.text].join(": ");
  return h("span", { className: "row-words" }, h("span", null, title),
    h("b", { dir: "auto" }, values.length ? inWords(place.item, values, words, locale) : words.unanswered));
};

/** What is answered so far, for whoever may see the form and not fill it in. */
const Seen = ({ state, words, locale, back, checkIn }) => {
  const { sheet, answers, index } = state;
  const foreign = state.lang === locale ? {} : { lang: state.lang, dir: state.lang === "ar" ? "rtl" : "ltr" };
  const atQuestion = stepsOf(sheet, answers, index).filter((one) => one.kind === "question");
  return h("section", { className: "grid grid-cols-1 gap-6", "data-form": "seen" },
    h("h2", foreign, sheet.title),
    h("p", { role: "status", className: "quiet" }, words.onlySeen),
    h("ul", { className: "rows", role: "list" }, ...atQuestion.map((step) =>
      h("li", { key: step.key, className: "row", ...foreign },
        h(Answered, { step, values: answers[step.key] ?? [], words, locale })))),
    h("a", { className: "btn btn-second", href: checkIn || state.back || back }, checkIn ? words.backToList : words.back));
};

/** What stands in place of the form while it is not there, and once it is sent. */
const Standing = ({ state, words, phone, back, checkIn, waiting }) => {
  const title = useRef(null);
  useEffect(() => {
    if (state.status === "sent") title.current?.focus();
  }, [state.status]);
  if (state.status === "loading") return h("p", { role: "status" }, words.loading);
  const isSent = state.status === "sent";
  const text = isSent ? words.sentText : state.status === "away" ? words.away : state.told?.words || words.away;
  return h("section", { className: "card state", role: isSent ? undefined : "alert", "data-form": state.status },
    h("h2", { ref: title, tabIndex: -1 }, isSent ? words.sentTitle : words.noForm),
    h("p", null, text),
    !isSent && waiting > 0 && h("p", null, words.waiting),
    state.leave || state.told?.leave
      ? h("a", { className: "btn", href: state.leave || leadingHere(state.told.leave) }, words.signIn)
      : h("a", { className: "btn", href: checkIn || state.back || back }, checkIn ? words.backToList : words.back),
    !isSent && h("a", { className: "btn btn-second", href: `tel:${phone}` }, words.call));
};
