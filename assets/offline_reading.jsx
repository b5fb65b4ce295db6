// Entering a reading while nobody can be asked. The page as the server draws it stands until the line is gone; then what was
// typed goes on here, is judged by the rules that came with the page, and waits on this device until it can be sent.
import { createElement as h, Fragment, useEffect, useReducer, useRef } from "react";
import { bringSheet, carriedSheet } from "./carried_sheet.js";
import { uuid } from "./kept_queue.js";
import { aheadOf, doubts, meaning, momentIn, typedNumber, typedPair } from "./vital_rules.js";
import { useQueue, WaitingList } from "./waiting_readings.jsx";

const TAKEN_OVER = ["", "choose", "fill"];
const EMPTY = { value: "", pair: "", pulse: "", unit: "", context: "", arm: "", posture: "", symptom: "", note: "", at: "" };

const useOffline = (isCutOff) => {
  const [isOffline, setOffline] = useReducer((before, now) => now, false);
  useEffect(() => {
    const look = () => setOffline(!navigator.onLine);
    look();
    window.addEventListener("online", look);
    window.addEventListener("offline", look);
    return () => {
      window.removeEventListener("online", look);
      window.removeEventListener("offline", look);
    };
  }, []);
  return isOffline || isCutOff;
};

/** Which measure the address asks for, where the server was not there to read it. */
const asked = () => new URLSearchParams(window.location.search).get("what") ?? "";

/** What stands typed in the form that the server drew. */
const typedThere = () => {
  const form = document.getElementById("log-reading");
  return form ? Object.fromEntries(new FormData(form)) : {};
};

/** What was typed as a reading of numbers in its unit, or `{field}`, where it cannot be read. */
const read = (measure, sheet, said, at) => {
  let { value, pair } = said;
  const both = measure.pair && !pair.trim() && typedPair(value);
  if (both) [value, pair] = both;
  const first = typedNumber(value, measure);
  if (!first) return { field: "value" };
  const second = measure.pair ? typedNumber(pair, measure) : null;
  if (measure.pair && !second) return { field: "pair" };
  const beats = measure.pair && said.pulse.trim() ? typedNumber(said.pulse, sheet.measures.find(({ code }) => code === "pulse")) : null;
  if (measure.pair && said.pulse.trim() && !beats) return { field: "pulse" };
  if (at > Date.now() + 600_000) return { field: "at" };
  return { measure: measure.code, unit: first.unit || said.unit, value: first.value, pair: second?.value, pulse: beats?.value,
    symptom: said.symptom === "yes", at };
};

/** Whether the clocks where the patient lives show another time than this device. */
const isElsewhere = (sheet) => Boolean(sheet) && aheadOf(Date.now(), sheet.zone) !== -new Date().getTimezoneOffset() * 60_000;

const Radios = ({ name, legend, options, words, chosen, onChoose }) =>
  h("fieldset", { className: "field" }, h("legend", null, legend), h("div", { className: "choices" },
    ...options.map((one) => h("label", { key: one, className: "choice" },
      h("input", { type: "radio", name, value: one, checked: chosen === one, onChange: () => onChoose(one) }),
      h("span", { className: "choice-words" }, h("span", null, words[one]))))));

const Line = ({ name, label, hint, value, error, onType, ...more }) =>
  h("div", { className: "field", "data-wrong": String(Boolean(error)) },
    h("label", { htmlFor: `kept-${name}` }, label),
    hint && h("span", { className: "hint", id: `kept-${name}-hint` }, hint),
    error && h("span", { className: "error", id: `kept-${name}-error` }, h("span", null, error)),
    h("input", { id: `kept-${name}`, className: "input input-short", inputMode: "decimal", autoComplete: "off", dir: "ltr",
      value, "aria-invalid": String(Boolean(error)), "aria-describedby": [hint && `kept-${name}-hint`, error && `kept-${name}-error`].filter(Boolean).join(" ") || undefined,
      onChange: (event) => onType(event.target.value), ...more }));

/** Advice for an emergency; `why` names the words for it, and is "" where there is none. */
const Danger = ({ why, sheet, words }) => why !== "" &&
  h("div", { className: "banner tone-critical", role: "alert" }, h("div", { className: "banner-words" },
    h("strong", null, words.danger[why]),
    h("a", { className: "btn btn-critical", href: `tel:${sheet.emergency}` }, words.emergency, " ", h("bdi", null, sheet.emergency))));

/** Which advice comes first: numbers in doubt may be right, and what they would mean is not kept back. */
const dangerOf = ({ finding, severity }, isDoubted) => {
  if (finding === "symptom") return "symptom";
  return severity === "critical" || (isDoubted && severity === "urgent") ? "number" : "";
};

/** What is said of a finding, and its tone; one about the pulse that was typed with a pressure says so. */
const findingOf = (finding, words) => {
  const [, isPulse, code] = /^(pulse\.)?(.*)$/.exec(finding);
  const [said, tone] = words.findings[code] || words.findings[""];
  return [isPulse ? words.ofPulse.replace("{finding}", said) : said, tone];
};

/** What a reading means, what to do, and that nobody has been told. */
const Told = ({ found, sheet, words, onAgain, onOther }) => {
  const [said, tone] = findingOf(found.finding, words);
  const own = found.protocol === "rest_repeat" && words.repeat[found.measure];
  const steps = (own || words.steps[found.protocol] || []).filter((one) => one !== words.danger[found.danger]);
  return h(Fragment, null,
    h(Danger, { why: found.danger, sheet, words }),
    h("section", { className: "card grid gap-2" }, h("small", null, found.title),
      h("p", null, h("bdi", { dir: "ltr", className: "text-[2.5rem] leading-tight font-bold" }, found.shown)),
      h("span", { className: `tag tone-${tone}` }, said)),
    steps.length > 0 && h("section", { className: "grid gap-3" }, h("h2", null, words.doNow),
      h("ol", { className: "list-decimal grid gap-2 ps-6" }, ...steps.map((one) => h("li", { key: one }, one))),
      found.canRepeat && h("button", { type: "button", className: "btn", onClick: onAgain }, words.again)),
    h("section", { className: "grid gap-3" }, h("h2", null, words.whoKnows),
      h("p", null, words.nobodyKnows),
      found.severity && h("p", null, h("strong", null, words.doNotWait)),
      found.severity && sheet.phone && h("a", { className: "btn btn-second", href: `tel:${sheet.phone}` }, words.call)),
    h("button", { type: "button", className: "btn btn-second", onClick: onOther }, words.other));
};

const Doubt = ({ state, sheet, words, onChange, onConfirm }) => h(Fragment, null,
  h(Danger, { why: state.danger, sheet, words }),
  h("section", { className: "card grid gap-3" }, h("h2", null, words.doubtTitle),
    h("p", null, h("bdi", { dir: "ltr", className: "text-[2rem] font-bold" }, state.shown)),
    h("ul", { className: "list-disc ps-5" }, ...state.doubts.map((one) => h("li", { key: one }, words.doubts[one]))),
    h("p", null, words.doubtText),
    h("button", { type: "button", className: "btn", onClick: onChange }, words.change),
    h("button", { type: "button", className: "btn btn-second", onClick: onConfirm }, words.confirm)));

const Fill = ({ measure, state, sheet, words, put, onSave }) => {
  const { said } = state;
  const danger = h(Danger, { why: said.symptom === "yes" ? "symptom" : "", sheet, words });
  const label = words.labels[measure.code] + (measure.units.length > 1
    ? `, ${measure.units.find(({ code }) => code === said.unit).shown}` : "");
  const field = (name, text, more) => h(Line, { name, label: text, value: said[name], onType: (typed) => put({ [name]: typed }),
    error: state.wrong === name && (name === "at" ? words.toCome : words.typeNumber), ...more });
  const radios = (name, legend, options, texts) => options.length > 0 && h(Radios, { name: `kept-${name}`, legend, options, words: texts,
    chosen: said[name], onChoose: (one) => put({ [name]: one }) });
  const units = Object.fromEntries(measure.units.map(({ code, shown }) => [code, shown]));
  return h("form", { className: "grid gap-5", noValidate: true, "data-kept": "", onSubmit: (event) => (event.preventDefault(), onSave()) },
    state.wrong && danger,
    h("h2", null, words.names[measure.code]),
    measure.units.length > 1 && radios("unit", words.unit, Object.keys(units), units),
    field("value", label),
    measure.pair && field("pair", words.lower),
    measure.pair && field("pulse", words.pulse),
    radios("context", words.context, measure.contexts, words.contexts),
    h("label", { className: "choice" },
      h("input", { type: "checkbox", checked: said.symptom === "yes", onChange: (event) => put({ symptom: event.target.checked ? "yes" : "" }) }),
      h("span", { className: "choice-words" }, h("span", null, words.symptom), h("span", { className: "hint" }, words.symptoms))),
    !state.wrong && danger,
    h("details", null, h("summary", null, words.more), h("div", { className: "grid gap-5" },
      field("at", words.at, { type: "datetime-local", inputMode: undefined, className: "input",
        hint: isElsewhere(sheet) && words.clock.replace("{place}", sheet.place) }),
      measure.pair && radios("arm", words.arm, ["left", "right"], words.arms),
      measure.pair && radios("posture", words.posture, ["sitting", "standing", "lying"], words.postures),
      h(Line, { name: "note", label: words.note, value: said.note, onType: (typed) => put({ note: typed }), inputMode: "text",
        dir: "auto", className: "input", maxLength: 300 }))),
    h("button", { type: "submit", className: "btn" }, words.save));
};

/**
 * @param {boolean} isCutOff whether the server does not answer
 * @param {string} step of the page as the server draws it
 * @param {string} measure that is being entered there
 * @param {string} moment a reading was last kept there: what this page knows of earlier ones is asked for anew
 * @param {string} locale of the page
 * @param {object} words everything that is said
 */
export function OfflineReading({ isCutOff, step, measure, moment, locale, words, children }) {
  const [state, change] = useReducer((before, more) => ({ ...before, ...more }), { sheet: carriedSheet(), mode: "" });
  const cameOff = useRef(typeof navigator !== "undefined" && !navigator.onLine);
  const isOff = useOffline(isCutOff);
  const top = useRef(null);
  const { sheet, mode } = state;
  const queue = useQueue(sheet?.chart, locale);

  useEffect(() => {
    let isOver = false;
    const bring = async () => {
      const sheet = await bringSheet(locale);
      if (sheet && !isOver) change({ sheet });
    };
    if (step) bring();
    return () => { isOver = true; };
  }, [moment, Boolean(step)]);

  const begin = (code, typed = {}) => {
    const known = sheet.measures.find((one) => one.code === code);
    const said = { ...EMPTY, ...typed };
    if (known && !known.units.some((one) => one.code === said.unit)) said.unit = known.usual;
    change({ mode: known ? "fill" : "choose", measure: known, said, key: typed.key || uuid(), wrong: "", found: null });
  };

  useEffect(() => {
    if (!isOff) cameOff.current = false;
    // What stands here from an earlier look says nothing of now.
    if (isOff && sheet && !mode && (cameOff.current || TAKEN_OVER.includes(step))) begin(cameOff.current ? asked() : measure, typedThere());
    const isIdle = mode === "choose" || (mode === "told" && !state.found?.severity);
    if (!isOff && isIdle) change({ mode: "" });
  }, [isOff, Boolean(sheet), mode, step]);

  useEffect(() => {
    const dock = document.querySelector(".dock");
    if (dock) dock.style.display = mode ? "none" : "";
    if (mode) setTimeout(() => top.current?.focus());
  }, [mode, state.found]);

  /** When it was measured: as typed, by the clock of where the patient lives, as the server reads it too; else now. */
  const momentOf = ({ at }) => (at ? momentIn(at, sheet.zone) : Date.now());

  const save = async (isConfirmed) => {
    const one = read(state.measure, sheet, state.said, momentOf(state.said));
    if (one.field) {
      change({ wrong: one.field, mode: "fill" });
      return setTimeout(() => document.getElementById(`kept-${one.field}`)?.focus());
    }
    const unit = state.measure.units.find(({ code }) => code === one.unit);
    const shown = [[one.value, one.pair].filter(Boolean).join("/"), unit.shown].filter(Boolean).join(" ");
    const waits = queue.entries.map(({ judged }) => judged);
    const before = [...sheet.recent, ...waits].filter((other) => other.at <= one.at)
      .sort((first, second) => second.at - first.at);
    const found = doubts(one, state.measure, sheet.bounds, before.find((other) => other.measure === one.measure));
    const beats = sheet.measures.find(({ code }) => code === "pulse");
    const meant = meaning(one, state.measure.rules, before, beats.rules);
    const isDoubted = found.length > 0;
    const danger = dangerOf(meant, isDoubted);
    if (isDoubted && !isConfirmed) return change({ mode: "doubt", doubts: found, shown,
      danger: danger === "number" ? "ifRight" : danger });
    const { at: _typed, ...said } = state.said;
    const title = words.names[one.measure];
    await queue.keep({ key: state.key, measure: one.measure, said: { ...said, unit: one.unit }, at: new Date(one.at).toISOString(),
      isConfirmed: Boolean(isConfirmed), shown: `${title}: ${shown}`, judged: { ...one, severity: meant.severity } });
    return change({ mode: "told", found: { ...meant, measure: one.measure, title, shown, danger,
      canRepeat: ["rest_repeat", "reseat", "treat_first"].includes(meant.protocol) } });
  };

  const isHere = mode !== "";
  return h(Fragment, null,
    queue && h(WaitingList, { queue, words, locale }),
    h("div", { hidden: isHere, "data-clock": isElsewhere(sheet) ? "other" : "same" }, children),
    !isHere && isOff && !sheet && h("section", { className: "banner tone-caution", role: "alert" },
      h("div", { className: "banner-words" }, h("strong", null, words.notCarried), h("p", null, words.noteIt), h("p", null, words.noteDanger))),
    !isHere && isOff && sheet && h("button", { type: "button", className: "btn btn-second", onClick: () => begin("") }, words.other),
    isHere && h("section", { className: "grid gap-6", ref: top, tabIndex: -1, "data-reading": mode },
      mode !== "told" && h("p", null, words.offline),
      mode === "choose" && h("section", { className: "grid gap-3" }, h("h2", null, words.what), h("ul", { className: "rows", role: "list" },
        ...sheet.measures.map(({ code }) => h("li", { key: code }, h("button", { type: "button", className: "row", onClick: () => begin(code) },
          h("span", { className: "row-words" }, h("b", null, words.names[code]))))))),
      mode === "fill" && h(Fill, { measure: state.measure, state, sheet, words, onSave: () => save(false),
        put: (more) => change({ said: { ...state.said, ...more } }) }),
      mode === "doubt" && h(Doubt, { state, sheet, words, onChange: () => change({ mode: "fill" }), onConfirm: () => save(true) }),
      mode === "told" && h(Told, { found: state.found, sheet, words,
        onAgain: () => begin(state.measure.code), onOther: () => begin("") })));
}
