// What a reading means while nobody can be asked. The same as portal_app/features/vitals (typed.py, entering.py, rules.py);
// tests/vectors/vitals.json holds both to it. Numbers are texts; they are compared as whole thousandths, so exactly.
const LONGEST = 24;
const MOST = 100_000_000;
const AGAIN_MS = 30 * 60_000;
const DAY_MS = 86_400_000;
const LATER_MS = 6 * 3_600_000;
const RANKS = ["", "routine", "urgent", "critical"];
const LEAPS = { weight: { percent: 12, days: 7 } };
const HAN = "〇一二三四五六七八九";
const MARKS = {
  "\u066b": ".", "\uff0e": ".", "\u066c": ",", "\uff0c": ",", "\u3001": ",", "\u060c": ",", "\u2044": "/",
  "\u200e": "", "\u200f": "",
};

const isDigit = (code) => /\p{Nd}/u.test(String.fromCodePoint(code));

const digit = (sign) => {
  if (sign in MARKS) return MARKS[sign];
  if (HAN.includes(sign)) return String(HAN.indexOf(sign));
  const code = sign.codePointAt(0);
  if (code < 128 || !isDigit(code)) return sign;
  let zero = code; // digits of a script stand together, from zero on
  while (code - zero < 9 && isDigit(zero - 1)) zero -= 1;
  return String(code - zero);
};

const plain = (words) => [...words].map(digit).join("");

const thousandths = (text) => {
  const [whole, part = ""] = text.split(".");
  return Number(whole + part.padEnd(3, "0"));
};

const valueOf = (number, hasDecimals) => {
  const parts = number.split(/[.,]/);
  if (parts.length === 1) return number;
  const isGrouped = parts.slice(1).every((part) => part.length === 3) && parts[0].length <= 3;
  if (isGrouped && (!hasDecimals || parts.length > 2)) return parts.join("");
  return parts.length === 2 && parts[1].length <= 3 ? parts.join(".") : null;
};

/** The number that was meant, `{value, unit}`, the unit "" where none was typed; null where it cannot be told. */
export const typedNumber = (words, measure) => {
  const found = words.trim().length <= LONGEST && /^([0-9]+(?:[.,][0-9]+)*)\s*([^0-9]*)$/.exec(plain(words).trim());
  if (!found) return null;
  const said = found[2].trim().toLowerCase();
  const unit = measure.units.find((one) => one.typed.includes(said));
  const value = (said && !unit) ? null : valueOf(found[1], measure.units.some((one) => one.decimals));
  if (value === null || thousandths(value) >= MOST) return null;
  if (measure.most && thousandths(value) > thousandths(measure.most)) return null;
  return { value, unit: unit ? unit.code : "" };
};

/** How far the clocks of a zone are ahead of UTC at a moment, in milliseconds. */
export const aheadOf = (ms, zone) => {
  const whole = Math.floor(ms / 1000) * 1000;
  const said = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric",
    day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" }).formatToParts(whole);
  const { year, month, day, hour, minute, second } = Object.fromEntries(said.map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(year, month - 1, day, hour, minute, second) - whole;
};

/** A time that was typed, by the clock of a zone: of an hour that comes twice the first, and one that is left out follows on. */
export const momentIn = (said, zone) => {
  const local = Date.parse(`${said}Z`);
  const ahead = [local - DAY_MS, local + DAY_MS].map((near) => aheadOf(near, zone));
  return local - (ahead.find((one) => aheadOf(local - one, zone) === one) ?? ahead[0]);
};

/** Both numbers of a pressure that was typed in one, such as 120/80, or null. */
export const typedPair = (words) => {
  const found = /^\s*([0-9]+)\s*[/\\]\s*([0-9]+)\s*$/.exec(plain(words.slice(0, LONGEST)));
  return found && [found[1], found[2]];
};

const side = (value, least, most, name) => {
  const number = thousandths(value);
  if (number < thousandths(least)) return `${name}_low`;
  return number > thousandths(most) ? `${name}_high` : "";
};

/** An earlier reading's number in a unit, as the server has worked it out; null for one that it has not seen yet. */
const inUnit = ({ unit, value, others }, wanted) => (unit === wanted ? value : others?.[wanted] ?? null);

const leaps = (one, last) => {
  const known = LEAPS[one.measure];
  const value = known && last ? inUnit(last, one.unit) : null;
  if (value === null) return false;
  const change = Math.abs(thousandths(one.value) - thousandths(value));
  return Math.abs(one.at - last.at) <= known.days * DAY_MS && change * 100 > thousandths(value) * known.percent;
};

/** What is unusual about a reading `{measure, unit, value, pair, pulse, at}`, as codes; `last` is the one before it. */
export const doubts = (one, measure, bounds, last) => {
  const unit = measure.units.find(({ code }) => code === one.unit);
  const found = [side(one.value, unit.least, unit.most, "value")];
  if (one.pair) {
    if (thousandths(one.pair) >= thousandths(one.value)) found.push("swapped");
    found.push(side(one.pair, ...bounds.pair, "pair"));
  }
  if (one.pulse) found.push(side(one.pulse, ...bounds.pulse, "pulse"));
  if (leaps(one, last)) found.push("leap");
  return found.filter(Boolean);
};

const holds = (rule, number) =>
  (rule.above === null || number > thousandths(rule.above))
  && (rule.at_least === null || number >= thousandths(rule.at_least))
  && (rule.below === null || number < thousandths(rule.below))
  && (rule.at_most === null || number <= thousandths(rule.at_most));

const numbersOf = (rule, one, before) => {
  if (rule.part === "pair") return one.pair ? [thousandths(one.pair)] : [];
  if (rule.part !== "gain") return [thousandths(one.value)];
  const since = one.at - rule.days * DAY_MS - LATER_MS;
  return before
    .filter((other) => inUnit(other, one.unit) !== null && since <= other.at && other.at < one.at)
    .map((other) => thousandths(one.value) - thousandths(inUnit(other, one.unit)));
};

const worse = (one, other) => {
  const rank = ({ again, severity, protocol }) => RANKS.indexOf(again) * 10 + RANKS.indexOf(severity) * 2 + Boolean(protocol);
  return rank(other) > rank(one) ? other : one;
};

/** Whether an earlier reading was one to measure again, though nobody was told of it. */
const isOut = (known, unit, other) => inUnit(other, unit) !== null && known
  .filter(({ part, protocol, severity, again }) => protocol && (severity || again) && part !== "gain")
  .some((rule) => numbersOf(rule, { ...other, unit, value: inUnit(other, unit) }, []).some((number) => holds(rule, number)));

/** What a number means by itself; `before` are earlier ones of its measure. */
const alone = (one, rules, before) => {
  const known = rules.filter(({ unit }) => unit === one.unit);
  const holding = known.filter((rule) => numbersOf(rule, one, before).some((number) => holds(rule, number)));
  if (!holding.length) return { finding: known.length ? "within" : "", protocol: "", severity: "", isAgain: false };
  const { finding, protocol, severity, again } = holding.reduce(worse);
  const isAgain = Boolean(protocol) && before.some((other) =>
    one.at - other.at >= 0 && one.at - other.at <= AGAIN_MS && (other.severity || isOut(known, one.unit, other)));
  return { finding, protocol, severity: isAgain ? again : severity, isAgain };
};

const pulseOf = ({ pulse, at }) => ({ measure: "pulse", unit: "/min", value: pulse, at, severity: "" });

const beside = (measure, before) => before.flatMap((other) => {
  if (other.measure === measure) return [other];
  return measure === "pulse" && other.pulse ? [pulseOf(other)] : [];
});

const rankOf = ({ finding, severity }) => RANKS.indexOf(severity) * 2 + !["", "within"].includes(finding);

/**
 * What a reading means by the rules that hold for this person; `before` are earlier ones of any measure, with their
 * severities. A pulse that was typed with a pressure is judged by the rules of pulses, `beats`; the worse of both decides.
 */
export const meaning = (one, rules, before, beats) => {
  if (one.symptom) return { finding: "symptom", protocol: "emergency", severity: "critical", isAgain: false };
  const first = alone(one, rules, beside(one.measure, before));
  if (!one.pulse) return first;
  const other = alone(pulseOf(one), beats, beside("pulse", before));
  return rankOf(other) > rankOf(first) ? { ...other, finding: `pulse.${other.finding}` } : first;
};
