// The pictures and sounds of a visit, and the buttons for one's own. All words come from the page.
import { createElement as h, useEffect, useReducer, useRef } from "react";
import { Call } from "./video_call.js";
import { Telephone, Telephones } from "./video_phones.jsx";

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

/** Whoever interprets, perhaps with their hands, comes first and large, whoever else comes and goes; family comes last. */
const isPinned = (person) => person.role === "interpreter";
const ORDER = ["interpreter", "clinician", "patient", "other_clinician"];
const rank = ({ role }) => (ORDER.includes(role) ? ORDER.indexOf(role) : ORDER.length);
const pinnedFirst = (people) => [...people].sort((one, other) => rank(one) - rank(other));

function Person({ person, stream, speaker, words, isDirect, isStill }) {
  const states = [
    (person.away || person.silent) && words.away,
    person.muted && words.theirSoundOff,
    person.hidden && words.theirPictureOff,
    person.paused && words.theirPause,
    person.screen && words.theirScreen,
    person.poor && words.theirLinePoor,
    isStill && words.still,
    person.stalled && words.theirStill,
  ].filter(Boolean);
  const isSeen = stream && !["hidden", "paused", "poor", "away", "silent"].some((state) => person[state]);
  return h(
    "figure",
    {
      className: "video-person",
      "data-seen": isSeen ? "true" : "false",
      "data-direct": isDirect ? "true" : "false",
      "data-pinned": isPinned(person) ? "true" : "false",
      "data-still": isStill ? "true" : "false",
    },
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

// Drawn on a grid of 24, as components/icons.py draws; struck through only while the thing is off.
const MICROPHONE = "M12 15a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3zM6 12a6 6 0 0 0 12 0M12 18v3";
const CAMERA = "M6 6h6a3 3 0 0 1 3 3v6a3 3 0 0 1-3 3H6a3 3 0 0 1-3-3V9a3 3 0 0 1 3-3zM15 11l6-4v10l-6-4";
const TURN = "M4 9a8 8 0 0 1 14-3l2 2M20 4v4h-4M20 15a8 8 0 0 1-14 3l-2-2M4 20v-4h4";
const SCREEN = "M4 4h16a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM8 21h8M12 17v4";
const STRUCK = "M4 4l16 16";

/** One of one's own buttons: a picture for the hurried, the words for everybody. */
const Tap = ({ label, drawing, isOff, onClick }) =>
  h(
    "button",
    { type: "button", className: "video-tap", "data-off": isOff ? "true" : "false", onClick },
    h(
      "svg",
      { className: "icon", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" },
      h("path", { d: isOff ? drawing + STRUCK : drawing }),
    ),
    h("span", null, label),
  );

/** The telephones, on either side's loss of the line. */
function NoLine({ call, words, numbers }) {
  if (call.isCut) {
    return h(
      "div",
      { role: "alert", className: "video-no-line" },
      h(Telephones, { words, numbers }),
    );
  }
  if (!call.isTheirsCut || numbers.theirs === undefined) return null; // for staff alone
  return h(
    "div",
    { role: "status", className: "video-no-line" },
    h("p", null, words.theirLineGone),
    numbers.theirs && h(Telephone, { label: words.callThem, number: numbers.theirs }),
  );
}

/** What the device has taken away, as a telephone call does: it comes back by itself, and else by a tap. */
const Taken = ({ call, words }) =>
  call.taken.length > 0 &&
  h(
    "div",
    { role: "alert", className: "video-no-line" },
    h("p", null, call.refused === "NotAllowedError" ? words.refused : words.heldBack),
    h("button", { type: "button", className: "btn btn-second", onClick: () => call.takeUp() }, words.takeUp),
  );

/** Say in a sentence how things stand; one at a time, the most pressing first. */
const standing = (call, words, isAwaiting) => {
  const own = { taken: words.taken, out: words.out, full: words.full, asking: words.asking };
  if (own[call.phase]) return own[call.phase];
  if (call.phase === "alone" || (isAwaiting && !call.way?.isUp)) return words.alone;
  if (!call.way?.isUp) return call.way ? words.reconnecting : words.connecting;
  if (call.isPoor || call.isPicturePaused) return words.poor;
  if (call.stills.size) return words.stands;
  return call.way.kind === "direct" ? words.direct : words.hub;
};

/** Say what of oneself the others hear and see, to whoever cannot see the buttons. */
const ownState = (call, words) =>
  call.phase === "asking"
    ? ""
    : [
        call.isMuted || call.isTaken("audio") ? words.soundIsOff : words.soundIsOn,
        call.isScreen ? words.screenIsShown : call.isHidden || call.isTaken("video") ? words.pictureOff : words.pictureIsOn,
      ].join(". ");

/**
 * @param {string} visit whose room it is; nothing happens before it is known
 * @param {boolean} isGuest whether a guest's key opens it
 * @param {object} words everything that is said
 * @param {object} numbers telephones for when there is no line: one's own, the practice's, theirs
 * @param {boolean} isAwaiting whether a clinician takes over who is not here yet: of the one before nothing is said
 * @param {function} onChange hears `phase`, `path` and how many are seen, when one of them changes
 */
export function VideoRoom({ visit, isGuest, isAwaiting, words, numbers, onChange }) {
  const [, redraw] = useReducer((count) => count + 1, 0);
  const held = useRef(null);
  const told = useRef("");

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
  const isGone = (person) => isAwaiting && person.role === "clinician" && (person.away || person.silent);
  const people = pinnedFirst(call.people.filter((person) => !isGone(person))).map((person) =>
    h(Person, {
      key: person.tag,
      person,
      words,
      isDirect,
      isStill: call.stills.has(person.tag),
      speaker: call.heardBy,
      stream: call.way?.streams[isDirect ? 0 : person.slot],
    }),
  );
  const canShare = typeof navigator.mediaDevices?.getDisplayMedia === "function";
  const canChoose = call.speakers?.length > 1 && "setSinkId" in HTMLMediaElement.prototype;
  const own = h(
    "figure",
    { className: "video-own", "data-mirrored": !call.isScreen && call.facing === "user" ? "true" : "false" },
    call.isHidden ? null : h(Picture, { stream: call.own, isOwn: true, "aria-label": words.you }),
    h("figcaption", null, call.isHidden ? words.pictureOff : call.isTaken("video") ? words.paused : words.you),
  );
  const taps = [
    h(Tap, {
      key: "m", label: call.isMuted ? words.unmute : words.mute, drawing: MICROPHONE, isOff: call.isMuted,
      onClick: () => call.mute(),
    }),
    h(Tap, {
      key: "c", label: call.isHidden ? words.show : words.hide, drawing: CAMERA, isOff: call.isHidden,
      onClick: () => call.hide(),
    }),
    call.cameras.length > 1 &&
      !call.isHidden &&
      !call.isScreen &&
      h(Tap, { key: "t", label: words.turn, drawing: TURN, onClick: () => call.turn() }),
    canShare &&
      h(Tap, { key: "s", label: call.isScreen ? words.unshare : words.share, drawing: SCREEN, onClick: () => call.share() }),
  ];
  const choice = canChoose && h(
    "label",
    { className: "field" },
    words.speaker,
    h(
      "select",
      {
        className: "input",
        value: call.heardBy || call.speakers[0].deviceId,
        onChange: (event) => call.hearBy(event.target.value),
      },
      call.speakers.map((one, index) => h("option", { key: one.deviceId, value: one.deviceId }, one.label || `${words.speaker} ${index + 1}`)),
    ),
  );
  return h(
    "div",
    { className: "video-room", "data-path": now[1], "data-phase": call.phase, "data-people": people.length, "data-many": people.length > 1 },
    h("p", { role: "status", className: "video-standing" }, standing(call, words, isAwaiting)),
    !isOver && h(NoLine, { call, words, numbers }),
    !isOver && h("p", { role: "status", className: "sr-only" }, ownState(call, words)),
    call.refused && !call.taken.length && !isOver && h("p", { role: "alert" }, words.refused),
    !isOver && h(Taken, { call, words }),
    call.isOtherBusy && !isOver && h("p", { role: "alert" }, words.otherBusy),
    !isOver && h("div", { className: "video-stage" }, people, own),
    !isOver && h("div", { className: "video-taps" }, taps),
    !isOver && choice,
  );
}
