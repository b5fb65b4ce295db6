// A week of appointments: a column for each day, each visit where its time is. A mouse drags a visit; with keys the
// arrows walk among visits, and once one is being moved they move it, by steps of time and by days. Both end in the
// same event, `onDrop`, and nothing moves here before the server has said so.
import { createElement as h, useEffect, useRef, useState } from "react";

const PX_PER_MIN = 2.6;
const DRAG_PX = 6;
const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

// Visits that overlap stand beside each other: each takes the first lane that is free at its beginning, and shares
// the width of the day with those it overlaps, not with the whole day.
function inLanes(items) {
  const placed = [];
  let group = { ends: [] };
  for (const item of items) {
    if (group.ends.every((end) => end <= item.start)) group = { ends: [] };
    let lane = group.ends.findIndex((end) => end <= item.start);
    if (lane < 0) lane = group.ends.length;
    group.ends[lane] = item.start + item.length;
    placed.push({ item, lane, group });
  }
  return placed.map(({ item, lane, group }) => ({ item, lane, lanes: group.ends.length }));
}

export function WeekGrid({ days, items, opens, closes, step, moving, words, onPick, onDrop, onStop }) {
  const grid = useRef(null);
  const drag = useRef(null);
  const wasDragged = useRef(false);
  const [ghost, setGhost] = useState(null);
  const lang = () => document.documentElement.lang || "en";
  const clock = (minutes) =>
    new Intl.DateTimeFormat(lang(), { hour: "numeric", minute: "2-digit", timeZone: "UTC", numberingSystem: "latn" }).format(
      minutes * 60000
    );
  const said = (place) => words.moveTo.replace("{when}", `${days[place.day]?.name || ""} ${clock(place.start)}`);
  const top = (minutes) => `${(minutes - opens) * PX_PER_MIN}px`;
  const columnOf = (item) => days.findIndex((day) => day.value === item.day);

  useEffect(() => {
    const item = moving && items.find((one) => one.id === moving);
    setGhost(item ? { id: item.id, day: columnOf(item), start: item.start, length: item.length } : null);
  }, [moving]);
  useEffect(() => {
    if (ghost && ghost.id === moving && !drag.current) grid.current.querySelector(".week-ghost")?.focus();
  }, [ghost?.id, ghost?.day, moving]);

  const placeAt = (event) => {
    const columns = [...grid.current.querySelectorAll(".week-hours")];
    const boxes = columns.map((column) => column.getBoundingClientRect());
    const day = boxes.findIndex((box) => event.clientX >= box.left && event.clientX < box.right);
    const from = drag.current;
    const column = day < 0 ? from.day : day;
    const minutes = opens + (event.clientY - boxes[column].top - from.grip) / PX_PER_MIN;
    const start = clamp(Math.round(minutes / step) * step, opens, closes - from.item.length);
    return { id: from.item.id, day: column, start, length: from.item.length };
  };
  const onPointerDown = (item) => (event) => {
    wasDragged.current = false;
    if (event.pointerType === "touch" || event.button !== 0 || item.fixed) return;
    const grip = event.clientY - event.currentTarget.getBoundingClientRect().top;
    drag.current = { item, grip, x: event.clientX, y: event.clientY, day: columnOf(item) };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const onPointerMove = (event) => {
    const from = drag.current;
    if (!from) return;
    if (!wasDragged.current && Math.hypot(event.clientX - from.x, event.clientY - from.y) < DRAG_PX) return;
    wasDragged.current = true;
    setGhost(placeAt(event));
  };
  const onPointerUp = (event) => {
    if (drag.current && wasDragged.current) {
      const place = placeAt(event);
      const { item } = drag.current;
      if (days[place.day].value !== item.day || place.start !== item.start) {
        onDrop(place.id, days[place.day].value, place.start);
      }
      setGhost(null);
    }
    drag.current = null;
  };
  const onPointerCancel = () => {
    drag.current = null;
    setGhost(null);
  };

  const side = (event) => {
    const isMirrored = getComputedStyle(grid.current).direction === "rtl";
    const ahead = isMirrored ? "ArrowLeft" : "ArrowRight";
    const behind = isMirrored ? "ArrowRight" : "ArrowLeft";
    return event.key === ahead ? 1 : event.key === behind ? -1 : 0;
  };
  const onGhostKey = (event) => {
    const turn = side(event);
    const shift = event.key === "ArrowDown" ? step : event.key === "ArrowUp" ? -step : 0;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      onDrop(ghost.id, days[ghost.day].value, ghost.start);
    } else if (event.key === "Escape") {
      event.preventDefault();
      onStop();
    } else if (turn || shift) {
      event.preventDefault();
      setGhost({
        ...ghost,
        day: clamp(ghost.day + turn, 0, days.length - 1),
        start: clamp(ghost.start + shift, opens, closes - ghost.length),
      });
    }
  };
  const onItemKey = (event) => {
    const columns = [...grid.current.querySelectorAll(".week-hours")].map((column) => [
      ...column.querySelectorAll(".week-item"),
    ]);
    const day = columns.findIndex((buttons) => buttons.includes(event.currentTarget));
    const at = columns[day].indexOf(event.currentTarget);
    let next = null;
    if (event.key === "ArrowDown") next = columns[day][at + 1];
    if (event.key === "ArrowUp") next = columns[day][at - 1];
    const turn = side(event);
    for (let other = day + turn; turn && !next && columns[other]; other += turn) {
      next = columns[other][Math.min(at, columns[other].length - 1)];
    }
    if (next) {
      event.preventDefault();
      next.focus();
    }
  };

  const ghostNode = (day) =>
    ghost && ghost.day === day
      ? h(
          "button",
          {
            key: "ghost",
            type: "button",
            className: "week-ghost",
            "aria-label": said(ghost),
            style: { insetBlockStart: top(ghost.start), blockSize: `${ghost.length * PX_PER_MIN}px` },
            onKeyDown: onGhostKey,
            onClick: () => onDrop(ghost.id, days[ghost.day].value, ghost.start),
          },
          clock(ghost.start)
        )
      : null;
  const itemNode = ({ item, lane, lanes }) =>
    h(
      "li",
      {
        key: item.id,
        className: "week-place",
        style: {
          insetBlockStart: top(item.start),
          blockSize: `${item.length * PX_PER_MIN}px`,
          insetInlineStart: `${(lane / lanes) * 100}%`,
          inlineSize: `${100 / lanes}%`,
        },
      },
      h(
        "button",
        {
          type: "button",
          className: "week-item",
          "data-tone": item.tone,
          "data-moving": item.id === moving ? "" : undefined,
          onClick: () => !wasDragged.current && onPick(item.id),
          onKeyDown: onItemKey,
          onPointerDown: onPointerDown(item),
          onPointerMove,
          onPointerUp,
          onPointerCancel,
        },
        h("b", { "aria-hidden": true }, item.label),
        h("bdi", { "aria-hidden": true }, item.title),
        item.detail ? h("small", { "aria-hidden": true }, item.detail) : null,
        item.mark ? h("em", { "aria-hidden": true, className: "week-mark" }, item.mark) : null,
        h("span", { className: "sr-only" }, item.name)
      )
    );
  const hours = [];
  for (let minutes = Math.ceil(opens / 60) * 60; minutes < closes; minutes += 60) hours.push(minutes);

  return h(
    "div",
    { className: "week", ref: grid },
    h(
      "div",
      { className: "week-clock", "aria-hidden": "true" },
      hours.map((minutes) => h("span", { key: minutes, style: { insetBlockStart: top(minutes) } }, clock(minutes)))
    ),
    days.map((day, number) =>
      h(
        "section",
        { key: day.value, className: "week-day", "data-today": day.today || undefined, "aria-label": day.name },
        h("h2", null, h("span", null, day.weekday), " ", h("b", null, day.date)),
        h(
          "ul",
          { className: "week-hours", role: "list", style: { "--week-height": `${(closes - opens) * PX_PER_MIN}px` } },
          inLanes(items.filter((item) => item.day === day.value)).map(itemNode),
          ghost && ghost.day === number ? h("li", { key: "ghost", className: "week-ghost-place" }, ghostNode(number)) : null
        ),
        items.some((item) => item.day === day.value) ? null : h("p", { className: "week-nobody" }, words.nobody)
      )
    ),
    h("div", { role: "status", className: "sr-only" }, ghost && moving ? said(ghost) : "")
  );
}
