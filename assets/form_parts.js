// One question, drawn: its words, its field, and what is wrong with it. Values are as in form_rules.js.
import { createElement as h, useEffect, useRef, useState } from "react";
import { KINDS } from "./file_pieces.js";
import { MOST } from "./form_rules.js";

export const named = (key) => `q-${[...key].map((one) => (/[A-Za-z0-9]/.test(one) ? one : `_${one.codePointAt(0)}`)).join("")}`;

const wrong = (name, error) =>
  error && h("span", { className: "error", id: `${name}-error` }, h("span", null, error));

const Group = ({ name, legend, hint, error, children }) =>
  h(
    "fieldset",
    { className: "field", id: name, tabIndex: -1, "data-wrong": String(Boolean(error)),
      "aria-describedby": [hint && `${name}-hint`, error && `${name}-error`].filter(Boolean).join(" ") || undefined },
    h("legend", null, legend),
    hint && h("span", { className: "hint", id: `${name}-hint` }, hint),
    wrong(name, error),
    children,
  );

const Choice = ({ type, name, isChosen, text, onChange }) =>
  h(
    "label",
    { className: "choice" },
    h("input", { type, name, checked: isChosen, onChange }),
    h("span", { className: "choice-words" }, h("span", null, text)),
  );

/** Tell what was typed before Tab leaves the field: a question that comes of it is the next one. */
const beforeTab = (tell) => (event) => event.key === "Tab" && tell(event.target.value);

/** A line or several; what is typed is told after a pause and when the field is left. */
const Typed = ({ name, label, hint, error, value, unit, rows, mode, type, heading, onType, dir }) => {
  const [text, setText] = useState(value);
  const timer = useRef(null);
  const told = useRef(value);
  const tell = (typed) => {
    clearTimeout(timer.current);
    if (typed === told.current) return;
    told.current = typed;
    onType(typed);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (value !== told.current) {
      told.current = value;
      setText(value);
    }
  }, [value]);
  const type_ = (event) => {
    const typed = event.target.value;
    setText(typed);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => tell(typed), 700);
  };
  const box = h(rows ? "textarea" : "input", {
    id: name, name, className: mode ? "input input-short" : "input", rows, type: rows ? undefined : type || "text",
    inputMode: mode, autoComplete: "off", dir, value: text, onChange: type_, onBlur: (event) => tell(event.target.value),
    onKeyDown: beforeTab(tell),
    "aria-invalid": String(Boolean(error)),
    "aria-describedby": [hint && `${name}-hint`, error && `${name}-error`].filter(Boolean).join(" ") || undefined,
  });
  return h(
    "div",
    { className: "field", "data-wrong": String(Boolean(error)) },
    h("label", { htmlFor: name }, heading(label)),
    hint && h("span", { className: "hint", id: `${name}-hint` }, hint),
    wrong(name, error),
    unit ? h("span", { className: "beside" }, box, h("span", { "aria-hidden": "true" }, unit)) : box,
  );
};

/** A list that opens, for a form that asks for one. */
const List = ({ item, name, chosen, words, heading, error, onChoose }) =>
  h("div", { className: "field", "data-wrong": String(Boolean(error)) },
    h("label", { htmlFor: name }, heading(item.text)),
    wrong(name, error),
    h("select", { id: name, name, className: "input", value: chosen, onChange: (event) => onChoose(event.target.value),
      "aria-invalid": String(Boolean(error)), "aria-describedby": error ? `${name}-error` : undefined },
      h("option", { value: "" }, words.fromList),
      ...item.options.map((one) => h("option", { key: one.key, value: one.key }, one.text))));

const LISTS = ["drop-down", "autocomplete", "lookup"];

const Options = ({ item, name, values, words, heading, error, onValues }) => {
  const other = values.find((one) => typeof one === "object");
  const choose = (key) => {
    const alone = (item.options || []).find((one) => one.key === key)?.alone;
    if (!item.repeats) return onValues([key]);
    if (values.includes(key)) return onValues(values.filter((one) => one !== key));
    const kept = values.filter((one) => !(item.options || []).find((option) => option.key === one)?.alone);
    return onValues(alone ? [key] : [...kept, key]);
  };
  const type = item.repeats ? "checkbox" : "radio";
  const inWordsOfOnesOwn = item.type === "open-choice" && h(Typed, {
    name: `${name}-other`, label: words.other, value: other?.text || "", heading: (text) => text, dir: "auto",
    onType: (typed) => {
      const kept = item.repeats || !typed.trim() ? values.filter((one) => typeof one !== "object") : [];
      onValues(typed.trim() ? [...kept, { text: typed }] : kept);
    },
  });
  if (!item.repeats && LISTS.includes(item.control)) {
    const chosen = values.find((one) => typeof one === "string") ?? "";
    return h("div", { className: "grid grid-cols-1 gap-3" },
      h(List, { item, name, chosen, words, heading, error, onChoose: (key) => onValues(key ? [key] : []) }), inWordsOfOnesOwn);
  }
  return h(
    Group,
    { name, legend: heading(item.text), hint: item.repeats ? words.several : "", error },
    h("div", { className: "choices" }, ...item.options.map((one) =>
      h(Choice, { key: one.key, type, name, text: one.text, isChosen: values.includes(one.key), onChange: () => choose(one.key) }))),
    inWordsOfOnesOwn,
  );
};

const YesNo = ({ item, name, values, words, heading, error, onValues }) =>
  h(Group, { name, legend: heading(item.text), error }, h("div", { className: "choices" },
    ...[true, false].map((one) => h(Choice, { key: String(one), type: "radio", name, text: one ? words.yes : words.no,
      isChosen: values[0] === one, onChange: () => onValues([one]) }))));

const pad = (text, length) => (text ? text.padStart(length, "0") : "");

/** Day, month and year in three fields; the year alone, or with its month, is an answer too. */
const Day = ({ item, name, values, words, heading, error, onValues }) => {
  const [year = "", month = "", day = ""] = (values[0] || "").split("-");
  const [typed, setTyped] = useState({ year, month, day });
  const tell = (part, text) => {
    const now = { ...typed, [part]: text.trim() };
    setTyped(now);
    const whole = [pad(now.year, 4), pad(now.month, 2), pad(now.day, 2)];
    while (whole.length && !whole.at(-1)) whole.pop();
    onValues(whole.length ? [whole.join("-")] : []);
  };
  const field = (part, size) => h("label", { key: part, htmlFor: `${name}-${part}` }, words[part],
    h("input", { id: `${name}-${part}`, className: `input ${size}`, inputMode: "numeric", autoComplete: "off",
      defaultValue: typed[part], "aria-invalid": String(Boolean(error)), onBlur: (event) => tell(part, event.target.value),
      onKeyDown: beforeTab((text) => tell(part, text)) }));
  const order = words.dateOrder.split(" ");
  return h(Group, { name, legend: heading(item.text), error }, h("div", { className: "date-parts" },
    ...order.map((part) => field(part, part === "year" ? "input-four" : "input-two"))));
};

/** What a person types and how it is kept, for the types with one line. */
const LINES = {
  string: { dir: "auto", keep: (text) => text },
  text: { rows: 4, dir: "auto", keep: (text) => text },
  url: { type: "url", dir: "ltr", keep: (text) => text.trim() },
  integer: { mode: "numeric", keep: (text) => (/^-?[0-9]{1,10}$/.test(text.trim()) ? Number(text.trim()) : text) },
  reference: { dir: "auto", keep: (text) => ({ display: text }) },
  decimal: { mode: "decimal", keep: (text) => text.trim().replace(",", ".") },
  time: { type: "time", keep: (text) => (text.length === 5 ? `${text}:00` : text) },
  dateTime: { type: "datetime-local", keep: (text) => {
    const moment = new Date(text);
    return Number.isNaN(moment.getTime()) ? text : `${moment.toISOString().slice(0, 19)}Z`;
  } },
};

const local = (kept) => {
  const moment = new Date(kept);
  if (Number.isNaN(moment.getTime())) return "";
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
};

const shown = (item, value) => {
  if (item.type === "dateTime" && value) return local(value);
  return String((item.type === "reference" ? value?.display : value) ?? "");
};

const Lines = ({ item, name, values, words, heading, error, onValues }) => {
  const line = LINES[item.type];
  const [askedAt, setAskedAt] = useState(-1); // how many there were when one more was asked for
  const count = item.repeats ? Math.max(values.length, 1) + Number(askedAt === values.length) : 1;
  const tell = (n, text) => {
    const kept = [...values];
    kept[n] = text.trim() ? line.keep(text) : undefined;
    onValues(kept.filter((one) => one !== undefined));
  };
  const one = (n) => h(Typed, {
    key: n, name: n ? `${name}-${n}` : name, label: item.text, error: n ? "" : error, value: shown(item, values[n]),
    unit: item.units?.[0].text, heading: n ? (text) => text : heading, onType: (text) => tell(n, text), ...line, keep: undefined,
  });
  return h("div", { className: "grid grid-cols-1 gap-3" },
    Array.from({ length: count }, (_, n) => one(n)),
    item.repeats && values.length >= count && values.length < 20
      && h("button", { type: "button", className: "btn btn-second", onClick: () => setAskedAt(values.length) }, words.another));
};

const Amount = ({ item, name, values, words, heading, error, onValues }) => {
  const { value = "", unit = item.units?.length === 1 ? item.units[0].key : "" } = values[0] || {};
  const [chosen, setChosen] = useState(unit);
  const tell = (text, key) => onValues(text.trim() ? [{ value: text.trim().replace(",", "."), unit: key }] : []);
  return h("div", { className: "grid grid-cols-1 gap-3" },
    h(Typed, { name, label: item.text, error, value, mode: "decimal", heading,
      unit: item.units?.length === 1 ? item.units[0].text : "", onType: (text) => tell(text, chosen) }),
    item.units?.length > 1 && h(Group, { name: `${name}-unit`, legend: words.unit }, h("div", { className: "choices" },
      ...item.units.map((one) => h(Choice, { key: one.key, type: "radio", name: `${name}-unit`, text: one.text,
        isChosen: chosen === one.key, onChange: () => { setChosen(one.key); tell(value, one.key); } })))));
};

/** Who or what is meant: one of those that the portal knows, or said in words. */
const References = (props) => {
  const { item, values, onValues } = props;
  if (!item.options) return h(Lines, props);
  const called = new Map(item.options.map((one) => [one.key, one.text]));
  const chosen = values.map((one) => (called.has(one.reference) ? one.reference : { text: one.display }));
  const back = (one) => (typeof one === "string" ? { reference: one, display: called.get(one) } : { display: one.text });
  return h(Options, { ...props, item: { ...item, type: "open-choice" }, values: chosen, onValues: (now) => onValues(now.map(back)) });
};

/** Photos and documents. `onFile` keeps one and returns what is wrong with it, or "". */
const Files = ({ item, name, values, words, heading, error, onValues, onFile }) => {
  const chooser = useRef(null);
  const button = useRef(null);
  const [part, setPart] = useState(null);
  const [problem, setProblem] = useState("");
  const isBusy = part !== null;
  const isFull = values.length >= (item.repeats ? MOST : 1);
  const take = async (event) => {
    const file = event.target.files[0];
    event.target.value = "";
    if (!file) return;
    setProblem("");
    setPart(0);
    setProblem(await onFile(file, setPart));
    setPart(null);
  };
  const remove = (value) => {
    onValues(values.filter((one) => one !== value));
    setTimeout(() => button.current?.focus());
  };
  const put = (text, file) => text.replace("{file}", file);
  return h(Group, { name, legend: heading(item.text), hint: words.fileHint, error: problem || error },
    values.length > 0 && h("ul", { className: "rows", role: "list" }, ...values.map((one) =>
      h("li", { key: one.file, className: "flex flex-wrap items-center justify-between gap-2 p-3" },
        h("bdi", { className: "min-w-0 break-words" }, one.name),
        h("button", { type: "button", className: "btn btn-quiet", "aria-label": put(words.fileRemove, one.name), onClick: () => remove(one) },
          words.fileOut)))),
    h("input", { ref: chooser, type: "file", accept: KINDS, hidden: true, onChange: take, "data-chooser": name }),
    !isFull && h("button", { ref: button, type: "button", className: "btn btn-second", "aria-disabled": isBusy || !onFile,
      onClick: () => !isBusy && onFile && chooser.current.click() }, values.length ? words.another : words.fileChoose),
    isBusy && h("progress", { value: part, max: 1, "aria-label": words.fileSending, className: "w-full" }),
    h("p", { role: "status" }, isBusy ? words.fileSending : ""));
};

/** A question as it is drawn: one of the texts below it may be its unit. */
export const withUnit = (item, notes) => {
  const unit = !item.units && notes.find((one) => one.item.control === "unit");
  return unit ? { ...item, units: [{ key: "", text: unit.item.text }] } : item;
};

/** What else is said with a question. */
export const Notes = ({ notes }) =>
  notes.filter((one) => one.item.control !== "unit").map((one) =>
    h("p", { key: one.key, className: "quiet whitespace-pre-line" }, one.item.text));

/** The field of a question. `onValues` hears each new answer, whether it fits or not. */
export const Question = (props) => {
  const { item } = props;
  if (item.type === "boolean") return h(YesNo, props);
  if (item.type === "reference") return h(References, props);
  if (item.options) return h(Options, props);
  if (item.type === "date") return h(Day, props);
  if (item.type === "quantity") return h(Amount, props);
  if (item.type === "attachment") return h(Files, props);
  return h(Lines, props);
};

/** An answer in words, for the review and for what was said on another device. */
export const inWords = (item, values, words, locale) => {
  const one = (value) => {
    if (typeof value === "boolean") return value ? words.yes : words.no;
    if (item.type === "attachment") return value.name;
    if (item.type === "reference") return value.display;
    if (item.type === "quantity") {
      return `${value.value} ${(item.units || []).find((unit) => unit.key === value.unit)?.text || ""}`.trim();
    }
    if (item.options) return typeof value === "object" ? value.text : item.options.find((option) => option.key === value)?.text;
    if (item.type === "dateTime") return new Date(value).toLocaleString(locale);
    return item.units ? `${value} ${item.units[0].text}` : String(value);
  };
  return values.map(one).join(", ");
};
