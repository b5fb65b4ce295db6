// The pictures and sounds of a visit, and the buttons for one's own. All words come from the page.
import { createElement as h, useEffect, useReducer, useRef } from "react";
import { Call } from "./video_call.js";

const address = (visit, isGuest) =>
  `${window.location.origin.replace(/^http/, "ws")}/visit/${visit}/room${isGuest ? "?as=guest" : ""}`;

/** A stream in an element, played again whenever it changes. */
function Picture({ stream, speaker, isOwn, ...rest }) {
  const element = useRef(null);
  useEffect(() => {
    if (element.current.srcObject !== stream) element.current.srcObject = stream || null;
    element.current.play?.().catch(() => null);
  });
  useEffect(() => {
    if (speaker !== undefined && !isOwn) element.current.setSinkId?.(speaker).catch(() => null);
  }, [speaker]);
  return h("video", { ...rest, ref: element, autoPlay: true, playsInline: true, muted: isOwn });
}

function Person({ person, stream, speaker, words, isDirect }) {
  const states = [
    person.away && words.away,
    person.muted && words.theirSoundOff,
    person.hidden && words.theirPictureOff,
    person.poor && words.theirLinePoor,
  ].filter(Boolean);
  const isSeen = stream && !person.hidden && !person.poor && !person.away;
  return h(
    "figure",
    { className: "video-person", "data-seen": isSeen ? "true" : "false", "data-direct": isDirect ? "true" : "false" },
    h(Picture, { stream, speaker, "aria-label": person.name }),
    h(
      "figcaption",
      null,
      h("b", null, h("bdi", null, person.name)),
      words.roles?.[person.role] && h("span", null, words.roles[person.role]),
      ...states.map((state) => h("span", { key: state }, state)),
    ),
  );
}

const Tap = ({ label, onClick, pressed }) =>
  h("button", { type: "button", className: "btn btn-second", onClick, "aria-pressed": pressed }, label);

/** Say in a sentence how things stand; one at a time, the most pressing first. */
const standing = (call, words) => {
  const own = { taken: words.taken, out: words.out, full: words.full, asking: words.asking };
  if (own[call.phase]) return own[call.phase];
  if (call.phase === "alone") return words.alone;
  if (!call.way?.isUp) return call.way ? words.reconnecting : words.connecting;
  if (call.isPoor || call.isPicturePaused) return words.poor;
  return call.way.kind === "direct" ? words.direct : words.hub;
};

/**
 * @param {string} visit whose room it is; nothing happens before it is known
 * @param {boolean} isGuest whether a guest's key opens it
 * @param {object} words everything that is said
 * @param {function} onChange hears `phase`, `path` and how many are seen, when one of them changes
 */
export function VideoRoom({ visit, isGuest, words, onChange }) {
  const [, redraw] = useReducer((count) => count + 1, 0);
  const held = useRef(null);
  const told = useRef("");
  const speaker = useRef("");

  useEffect(() => {
    if (!visit) return undefined;
    const call = new Call(address(visit, isGuest), redraw);
    held.current = call;
    call.start();
    return () => {
      call.close();
      held.current = null;
    };
  }, [visit, isGuest]);

  const call = held.current;
  const seen = call?.way?.isUp ? call.people.length : 0;
  const now = call ? [call.phase, call.way?.isUp ? call.way.kind : "", seen] : ["asking", "", 0];
  useEffect(() => {
    if (call && told.current !== now.join()) {
      told.current = now.join();
      onChange?.({ phase: now[0], path: now[1], seen: now[2] });
    }
  });

  if (!call) return h("div", { className: "video-room", "aria-busy": true }, h("p", { role: "status" }, words.asking));
  const isOver = ["taken", "out", "full", "over"].includes(call.phase);
  const isDirect = call.way?.kind === "direct";
  const people = call.people.map((person) =>
    h(Person, {
      key: person.tag,
      person,
      words,
      isDirect,
      speaker: speaker.current,
      stream: call.way?.streams[isDirect ? 0 : person.slot],
    }),
  );
  const canShare = typeof navigator.mediaDevices?.getDisplayMedia === "function";
  const canChoose = call.speakers?.length > 1 && "setSinkId" in HTMLMediaElement.prototype;
  const own = h(
    "figure",
    { className: "video-own", "data-mirrored": !call.isScreen && call.facing === "user" ? "true" : "false" },
    call.isHidden ? null : h(Picture, { stream: call.own, isOwn: true, "aria-label": words.you }),
    h("figcaption", null, call.isHidden ? words.pictureOff : words.you),
  );
  const taps = [
    h(Tap, { key: "m", label: call.isMuted ? words.unmute : words.mute, onClick: () => call.mute() }),
    h(Tap, { key: "c", label: call.isHidden ? words.show : words.hide, onClick: () => call.hide() }),
    call.cameras.length > 1 && !call.isHidden && h(Tap, { key: "t", label: words.turn, onClick: () => call.turn() }),
    canShare && h(Tap, { key: "s", label: call.isScreen ? words.unshare : words.share, onClick: () => call.share() }),
  ];
  const choice = canChoose && h(
    "label",
    { className: "field" },
    words.speaker,
    h(
      "select",
      {
        className: "input",
        onChange: (event) => {
          speaker.current = event.target.value;
          redraw();
        },
      },
      call.speakers.map((one, index) => h("option", { key: one.deviceId, value: one.deviceId }, one.label || `${words.speaker} ${index + 1}`)),
    ),
  );
  return h(
    "div",
    { className: "video-room", "data-path": now[1], "data-phase": call.phase, "data-people": people.length },
    h("p", { role: "status", className: "video-standing" }, standing(call, words)),
    call.refused && !isOver && h("p", { role: "alert" }, words.refused),
    !isOver && h("div", { className: "video-stage" }, people, own),
    !isOver && h("div", { className: "video-taps" }, taps, choice),
  );
}
