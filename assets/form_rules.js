// What a form decides while nobody can be asked: which questions are there, whether an answer fits, what it adds up to.
// The same as portal_app/features/intake (enabling.py, values.py, checking.py); tests/vectors/forms.json holds both to it.
export const MOST = 20; // repetitions of a group, answers to a repeating question
const LARGEST = 2 ** 31 - 1;
const MOST_CHARACTERS = 5000;
const DECIMAL = /^-?[0-9]{1,9}(\.[0-9]{1,6})?$/;
const DATE = /^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$/;
const TIME = /^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$/;
const MOMENT = /^([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})$/;
const FILE_KEY = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const LONGEST_NAME = 200;
const REFERENCE = /^([A-Z][A-Za-z]+)\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const OFFERED = ["Practitioner", "Location"]; // what a reference can be chosen from; others are named in words
const NUMBERS = ["integer", "decimal", "quantity"];

const isQuestion = (item) => item.type !== "group" && item.type !== "display";
const isRepeated = (item) => item.type === "group" && Boolean(item.repeats);

const isDay = (text) => {
  if (!DATE.test(text)) return false;
  const whole = `${text}-01-01`.slice(0, 10);
  const day = new Date(`${whole}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().slice(0, 10) === whole && !text.startsWith("0000");
};

/** Which of two values of a type is larger: -1, 0 or 1; null where they cannot be compared. */
export const order = (kind, one, other) => {
  let [a, b] = [one, other];
  if (kind === "quantity") {
    if (!a || !b || (b.unit && a.unit !== b.unit)) return null;
    [a, b] = [a.value, b.value];
  }
  if (NUMBERS.includes(kind)) [a, b] = [Number(a), Number(b)];
  else if (kind === "dateTime") [a, b] = [Date.parse(a), Date.parse(b)];
  else if (typeof a !== "string" || typeof b !== "string") return a === b ? 0 : null;
  else if (kind === "date" || kind === "time") {
    const length = Math.min(a.length, b.length);
    [a, b] = [a.slice(0, length), b.slice(0, length)];
  }
  if (Number.isNaN(a) || Number.isNaN(b)) return null;
  return Number(a > b) - Number(a < b);
};

/** Whether two references lead to the same; else whether it is called the same. */
const isSameThing = (one, other) => {
  if (!one || !other) return false;
  const part = one.reference && other.reference ? "reference" : "display";
  return one[part] === other[part];
};

const isSame = (kind, one, other) => {
  if (kind === "reference") return isSameThing(one, other);
  return NUMBERS.includes(kind) || kind === "dateTime" ? order(kind, one, other) === 0 : one === other;
};

const compare = ({ operator, answer }, kind, values) => {
  if (operator === "exists") return values.length > 0 === answer;
  if (operator === "=") return values.some((one) => isSame(kind, one, answer));
  if (operator === "!=") return !values.some((one) => isSame(kind, one, answer));
  const holds = { ">": (sign) => sign > 0, "<": (sign) => sign < 0, ">=": (sign) => sign >= 0, "<=": (sign) => sign <= 0 };
  return values.some((one) => {
    const sign = order(kind, one, answer);
    return sign !== null && holds[operator](sign);
  });
};

/** A scope ("medicine 0 ") and those around it, the innermost first; the last is the whole form's. */
const scopes = (scope) => {
  const found = [scope];
  let inner = scope;
  while (inner) {
    inner = inner.trimEnd().split(" ").slice(0, -2).join(" ");
    if (inner) inner += " ";
    found.push(inner);
  }
  return found;
};

/** Every item by its id, with the one it stands below and how many repeating groups are around it. */
export const indexed = (items, parent = null, depth = 0, found = new Map()) => {
  for (const item of items) {
    found.set(item.id, { item, parent, depth });
    indexed(item.items || [], item, depth + Number(isRepeated(item)), found);
  }
  return found;
};

/** The item that a key names, if each group before it is one that repeats around it, and not too often. */
export const itemAt = (index, key) => {
  const parts = key.split(" ");
  const found = index.get(parts.at(-1));
  const around = [];
  for (let above = found?.parent; above; above = index.get(above.id).parent) {
    if (isRepeated(above)) around.unshift(above.id);
  }
  const given = parts.slice(0, -1);
  const fits = given.length === around.length * 2
    && around.every((id, n) => given[2 * n] === id && /^(0|[1-9][0-9]?)$/.test(given[2 * n + 1]) && given[2 * n + 1] < MOST);
  return fits ? found?.item : undefined;
};

/** What is asked or shown now, in the order of the form: `{key, item, values}` each. */
export const places = (sheet, answers, index = indexed(sheet.items)) => {
  const known = new Map();
  const valuesOf = (item, scope) => answers[scope + item.id] ?? item.initial ?? [];
  const isEnabled = (item, scope) => {
    const name = scope + item.id;
    if (!known.has(name)) {
      const { parent } = index.get(item.id);
      const isBelow = !parent || !isQuestion(parent) || item.type === "display" || valuesOf(parent, scope).length > 0;
      known.set(name, isBelow && holds(item, scope));
    }
    return known.get(name);
  };
  const isReached = (item, scope) => {
    const { parent } = index.get(item.id);
    const above = parent && isRepeated(parent) ? scopes(scope)[1] : scope;
    return isEnabled(item, scope) && (!parent || isReached(parent, above));
  };
  const seen = (question, scope) => {
    const { item, depth } = index.get(question);
    const around = scopes(scope);
    const where = around[around.length - 1 - depth];
    return isReached(item, where) ? valuesOf(item, where) : [];
  };
  const holds = (item, scope) => {
    if (!item.when) return true;
    const held = (one) => compare(one, index.get(one.question).item.type, seen(one.question, scope));
    return item.any ? item.when.some(held) : item.when.every(held);
  };
  const found = [];
  const walk = (items, scope) => {
    for (const item of items) {
      if (!isEnabled(item, scope)) continue;
      const key = scope + item.id;
      found.push({ key, item, values: valuesOf(item, scope) });
      if (isRepeated(item)) {
        const given = answers[key]?.[0];
        const count = Number.isInteger(given) ? Math.min(Math.max(given, 1), MOST) : 1;
        for (let n = 0; n < count; n += 1) walk(item.items || [], `${key} ${n} `);
      } else {
        walk(item.items || [], scope);
      }
    }
  };
  walk(sheet.items, "");
  return found;
};

const isQuantity = (item, value) => {
  if (typeof value !== "object" || value === null || Object.keys(value).sort().join() !== "unit,value") return false;
  const units = item.units ? item.units.map((one) => one.key) : [""];
  return typeof value.value === "string" && DECIMAL.test(value.value) && units.includes(value.unit);
};

/** A text with no half characters, which nothing can show or send. */
const isText = (value) => typeof value === "string" && value.trim() !== "" && !/\p{Surrogate}/u.test(value);

const isChosen = (item, value) => typeof value === "string" && item.options.some((one) => one.key === value);

const isOther = (value) =>
  typeof value === "object" && value !== null && Object.keys(value).join() === "text" && isText(value.text);

const isAttachment = (value) =>
  typeof value === "object" && value !== null && Object.keys(value).sort().join() === "file,name"
  && typeof value.file === "string" && FILE_KEY.test(value.file)
  && isText(value.name) && [...value.name].length <= LONGEST_NAME;

const isReference = (item, value) => {
  if (typeof value !== "object" || value === null) return false;
  const names = Object.keys(value).sort().join();
  if (!isText(value.display) || names === "display") return names === "display" && isText(value.display);
  const [, kind] = (typeof value.reference === "string" && REFERENCE.exec(value.reference)) || [];
  return names === "display,reference" && OFFERED.includes(kind) && (item.targets || OFFERED).includes(kind);
};

const FITS = {
  boolean: (item, value) => typeof value === "boolean",
  integer: (item, value) => Number.isInteger(value) && Math.abs(value) <= LARGEST,
  decimal: (item, value) => typeof value === "string" && DECIMAL.test(value),
  date: (item, value) => typeof value === "string" && isDay(value),
  time: (item, value) => typeof value === "string" && TIME.test(value),
  dateTime: (item, value) => {
    const parts = typeof value === "string" && MOMENT.exec(value);
    return Boolean(parts) && isDay(parts[1]) && TIME.test(parts[2]);
  },
  string: (item, value) => isText(value),
  text: (item, value) => isText(value),
  url: (item, value) => typeof value === "string" && /^https?:\/\/[^\s<>"']{1,2000}$/.test(value),
  choice: isChosen,
  "open-choice": (item, value) => isOther(value) || isChosen(item, value),
  quantity: isQuantity,
  attachment: (item, value) => isAttachment(value),
  reference: isReference,
};

const textOf = (item, value) => {
  if (["string", "text", "url"].includes(item.type)) return value;
  if (item.type === "reference") return value.display;
  return item.type === "open-choice" && typeof value === "object" ? value.text : null;
};

const isBeyond = (item, value, limit, sign) =>
  limit !== undefined && order(item.type, value, item.type === "quantity" ? { value: limit, unit: "" } : limit) === sign;

/** Why one value is no answer to a question, or "". */
export const faultOf = (item, value) => {
  if (!FITS[item.type]?.(item, value)) {
    return ["choice", "open-choice"].includes(item.type) && typeof value === "string" ? "option" : "type";
  }
  const text = textOf(item, value);
  if (text !== null) {
    if ([...text].length > (item.maxLength || MOST_CHARACTERS)) return "too_long";
    if (item.pattern && !new RegExp(`^(?:${item.pattern})$`, "u").test(text)) return "pattern";
  }
  if (isBeyond(item, value, item.min, -1)) return "too_small";
  return isBeyond(item, value, item.max, 1) ? "too_large" : "";
};

/** Why an answer, a list of values, cannot be kept, or "". */
export const faultOfAnswer = (item, values) => {
  if (isRepeated(item)) {
    return values.length === 1 && Number.isInteger(values[0]) && values[0] >= 1 && values[0] <= MOST ? "" : "type";
  }
  if (!isQuestion(item)) return "unknown";
  if (!item.asked) return "read_only";
  if (values.length > (item.repeats ? MOST : 1)) return "too_many";
  const fault = values.map((one) => faultOf(item, one)).find(Boolean);
  if (fault) return fault;
  const alone = (item.options || []).filter((one) => one.alone).map((one) => one.key);
  return values.length > 1 && values.some((one) => alone.includes(one)) ? "too_many" : "";
};

/** What stands in the way of sending: `{at, code}` each, in the order of the form. */
export const problemsOf = (sheet, answers, index = indexed(sheet.items)) => {
  const faults = Object.entries(answers).flatMap(([key, values]) => {
    const item = itemAt(index, key);
    const code = item ? faultOfAnswer(item, values) : "unknown";
    return code ? [{ at: key, code }] : [];
  });
  if (faults.length) return faults;
  const asked = places(sheet, answers, index).filter(({ item }) => isQuestion(item) && item.asked);
  if (asked.length && !asked.some(({ key }) => answers[key]?.length)) return [{ at: "", code: "blank" }];
  return asked
    .filter(({ item, values }) => item.required && !values.length)
    .map(({ key }) => ({ at: key, code: "missing" }));
};

const weightsOf = (item, values) =>
  (item.options || []).filter((one) => values.includes(one.key) && one.weight !== undefined).map((one) => one.weight);
const weightOf = (item, values) => {
  const weights = weightsOf(item, values);
  return weights.length ? weights.reduce((sum, one) => sum + one, 0) : null;
};

/** The sum of each item that is one; null where a question of it was asked and not answered. */
export const totals = (sheet, answers) => {
  const shown = new Map(places(sheet, answers).map((one) => [one.key, one]));
  const found = {};
  for (const { item } of shown.values()) {
    if (!item.sum) continue;
    const weights = item.sum.filter((part) => shown.has(part)).map((part) => shown.get(part))
      .map((one) => weightOf(one.item, one.values));
    found[item.id] = weights.includes(null) ? null : weights.reduce((sum, one) => sum + one, 0);
  }
  return found;
};

/** The keys of answers that cannot wait. */
export const urgent = (sheet, answers) =>
  places(sheet, answers)
    .filter(({ item, values }) => item.urgent !== undefined && Math.max(0, ...weightsOf(item, values)) >= item.urgent)
    .map(({ key }) => key);
