// A file of readings, seen before it is kept: what is new, what is there already, what is unusual, and which lines cannot be
// read. The file goes from here to the server as it is, to be seen and then to be kept, and is kept nowhere in between; it is of
// the chart of this page, and goes to no other that another tab has opened since. A day that may be two is asked about.
import { createElement as h, useReducer, useRef, useEffect } from "react";

const COLUMNS = ["date", "time", "systolic", "diastolic", "pulse"];
const MOST_BYTES = 290_000;

const post = async (address, locale, chart, content, order, sure) => {
  try {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "content-type": "text/csv", "x-locale": locale, "x-chart": chart, "x-order": order,
        "x-sure": sure ? "yes" : "" },
      body: content,
      cache: "no-store",
      redirect: "manual",
    });
    return { ok: answer.status === 200, told: await answer.json() };
  } catch {
    return { ok: false, told: { wrong: "away" } };
  }
};

const Row = ({ row, words, locale, zone }) =>
  h("li", { className: "row" }, h("span", { className: "row-words" },
    h("b", null, words.columns[0], " ", row.line.toLocaleString(locale), row.shown ? ": " : "",
      row.shown && h("span", null, words.names[row.measure], " ", h("bdi", { dir: "ltr" }, row.shown))),
    row.at && h("small", null, new Date(row.at).toLocaleString(locale,
      { dateStyle: "medium", timeStyle: "short", timeZone: zone || undefined })),
    h("small", null, [words.standings[row.standing], ...row.reasons.map((one) => words.faults[one] || words.doubts[one])].join(" "))));

/** Which of both days it is that the file writes so; the answer holds for all of it. */
const Ask = ({ asks, order, words, locale, onChoose }) => {
  const day = (iso) => new Date(iso).toLocaleDateString(locale, { dateStyle: "long", timeZone: "UTC" });
  return h("fieldset", { className: "field" },
    h("legend", null, words.asks, " ", h("bdi", { dir: "ltr" }, asks.said)),
    h("div", { className: "choices" }, ...["dmy", "mdy"].map((one) => h("label", { key: one, className: "choice" },
      h("input", { type: "radio", name: "order", value: one, checked: order === one, onChange: () => onChoose(one) }),
      h("span", { className: "choice-words" }, h("span", null, day(asks[one])))))));
};

/**
 * @param {string} chart whose readings they are
 * @param {string} locale of the page
 * @param {string} zone where the patient lives
 * @param {string} back where the readings are seen
 * @param {object} words everything that is said
 */
export function ReadingImport({ chart, locale, zone, back, words }) {
  const [state, change] = useReducer((before, more) => ({ ...before, ...more }), { step: "choose", isSure: false });
  const title = useRef(null);
  useEffect(() => {
    if (state.step !== "choose" || state.wrong) title.current?.focus();
  }, [state.step, state.wrong]);

  const fail = (told) => {
    if (told.leave) return window.location.assign(told.leave);
    return change({ step: "choose", busy: false, wrong: told.wrong || "away" });
  };

  const choose = async (event) => {
    const file = event.target.files[0];
    if (!file) return undefined;
    change({ wrong: "", busy: true });
    if (file.size > MOST_BYTES) return fail({ wrong: "long" });
    return look(await file.arrayBuffer(), "", null);
  };

  /** See what is in the file; `asked` is the day that was asked about, which stays to be answered otherwise. */
  const look = async (content, order, asked) => {
    const { ok, told } = await post("/vitals/import/preview", locale, chart, content, order, false);
    if (!ok) return fail(told);
    return change({ ...told, asks: told.asks || asked, step: "seen", busy: false, chart, content, order, isSure: false });
  };

  const keep = async () => {
    if (state.busy) return undefined;
    change({ busy: true });
    const { ok, told } = await post("/vitals/import/keep", locale, state.chart, state.content, state.order, state.isSure);
    return ok ? change({ step: "kept", busy: false, kept: told.kept, content: "" }) : fail(told);
  };

  const number = (count) => count.toLocaleString(locale);
  if (state.step === "kept") {
    return h("section", { className: "card state", "data-import": "kept" }, h("h2", { ref: title, tabIndex: -1 }, words.kept),
      h("p", null, words.keptCount.replace("{count}", number(state.kept))), h("a", { className: "btn", href: back }, words.see));
  }
  if (state.step === "seen") {
    const { counts, rows, asks } = state;
    const wanted = counts.new + (state.isSure ? counts.unusual : 0);
    return h("section", { className: "grid grid-cols-1 gap-5", "data-import": "seen" },
      h("h2", { ref: title, tabIndex: -1 }, words.seen),
      asks && h(Ask, { asks, order: state.order, words, locale, onChoose: (order) => look(state.content, order, asks) }),
      h("div", { role: "status" }, h("ul", { className: "grid grid-cols-1 gap-2" },
        ...["new", "there", "unusual", "fault"].filter((one) => counts[one]).map((one) =>
          h("li", { key: one }, h("b", null, number(counts[one])), " ", words.counted[one])))),
      counts.unusual > 0 && h("label", { className: "choice" },
        h("input", { type: "checkbox", checked: state.isSure, onChange: (event) => change({ isSure: event.target.checked }) }),
        h("span", { className: "choice-words" }, h("span", null, words.sure))),
      wanted > 0
        ? h("button", { type: "button", className: "btn", "aria-busy": Boolean(state.busy), onClick: keep }, words.keep.replace("{count}", number(wanted)))
        : h("p", null, words.nothing),
      h("button", { type: "button", className: "btn btn-quiet", onClick: () => change({ step: "choose", content: "" }) }, words.other),
      h("ul", { className: "rows", role: "list", "aria-label": words.lines },
        ...rows.map((row) => h(Row, { key: `${row.line} ${row.measure}`, row, words, locale, zone }))));
  }
  return h("section", { className: "grid grid-cols-1 gap-5", "data-import": "choose" },
    state.wrong && h("div", { className: "banner tone-critical", role: "alert" }, h("div", { className: "banner-words" },
      h("strong", { ref: title, tabIndex: -1 }, words.wrong[state.wrong]))),
    h("p", null, words.intro),
    h("ul", { className: "list-disc grid grid-cols-1 gap-2 ps-5" }, h("li", null, words.own), h("li", null, words.devices),
      h("li", null, words.plain, " ", h("code", { dir: "ltr" }, ...COLUMNS.flatMap((name, n) => (n ? [",", h("wbr", { key: name }), name] : [name]))))),
    h("div", { className: "field" }, h("label", { htmlFor: "file" }, words.file),
      h("input", { id: "file", type: "file", accept: ".csv,.txt,.tsv,text/csv", className: "input w-full min-w-0", "aria-busy": Boolean(state.busy), onChange: choose })),
    h("a", { className: "btn btn-quiet", href: back }, words.back));
}
