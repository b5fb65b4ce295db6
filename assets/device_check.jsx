// The device check before a video visit: explain, then ask; picture, moving meter, a tone, which device, and how good the
// line to our server is. The picture leaves the device only to come back from the hub, seen by nobody. Words come in; what
// was found goes out as one event.
import { createElement as h, useEffect, useRef, useState } from "react";
import { look as lookInMirror } from "./line_mirror.js";

export const CHOSEN = "portal-devices"; // what was chosen here is used in the room, in this tab
const KEPT = "portal-check"; // how far the check is: a reload goes on with it
const KEPT_MS = 30 * 60_000;
const HEARD = 0.02; // a level that speech passes and a quiet room does not
const PINGS = 6;
const DOWN_BYTES = 400_000;
const UP_BYTES = 200_000;
const PART_MS = 9000; // a part that takes longer says enough: the line is too slow for video
const PATIENCE_MS = 40_000;

const kbit = (bytes, ms) => String(Math.round((bytes * 8) / Math.max(ms, 1)));

/** Measure the line to the server: the middle of some round trips, then a part each way. */
export const measure = async (address, signal) => {
  const timed = async (path, options) => {
    const began = performance.now();
    const ending = new AbortController();
    const stop = () => ending.abort();
    const timer = setTimeout(stop, PART_MS);
    signal.addEventListener("abort", stop);
    try {
      const answer = await fetch(path, { cache: "no-store", signal: ending.signal, ...options });
      if (!answer.ok) throw new Error(String(answer.status));
      await answer.arrayBuffer();
    } catch (error) {
      if (signal.aborted || !ending.signal.aborted) throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    }
    return performance.now() - began;
  };
  const trips = [];
  for (let n = 0; n < PINGS; n += 1) trips.push(await timed(`${address}?bytes=1`));
  const trip = trips.sort((a, b) => a - b)[Math.floor(PINGS / 2)];
  const down = (await timed(`${address}?bytes=${DOWN_BYTES}`)) - trip / 2;
  const up = (await timed(address, { method: "POST", body: new Uint8Array(UP_BYTES) })) - trip / 2;
  return { round_trip_ms: String(Math.round(trip)), down_kbit: kbit(DOWN_BYTES, down), up_kbit: kbit(UP_BYTES, up) };
};

/** Name the device and browser, for the steps that lead out of a refusal. */
export const surroundings = (agent = navigator.userAgent) => {
  const isTablet = /Macintosh/.test(agent) && navigator.maxTouchPoints > 1; // an iPad calls itself a Mac
  const isApple = isTablet || /iPhone|iPad|iPod/.test(agent);
  const isInApp = /FBAN|FBAV|Instagram|Line\/|MicroMessenger|GSA\/|; wv\)/.test(agent);
  if (isInApp) return isApple ? "in_app_apple" : "in_app_android";
  if (isApple) return /CriOS|FxiOS|EdgiOS|OPT\//.test(agent) ? "refused_device" : "refused_apple";
  if (/Android/.test(agent)) return "refused_android";
  return /Firefox/.test(agent) ? "refused_firefox" : "refused_computer";
};

const problemOf = (error) =>
  ({ NotAllowedError: "refused", NotFoundError: "missing", NotReadableError: "busy", OverconstrainedError: "missing" })[
    error.name
  ] || "busy";

const canChooseSpeaker = () => "setSinkId" in HTMLMediaElement.prototype;

/** Play a tone, by the loudspeaker that was chosen as long as it is there. */
const playTone = async (speaker) => {
  const context = new AudioContext();
  const out = context.createMediaStreamDestination();
  const player = Object.assign(new Audio(), { srcObject: out.stream });
  const tone = context.createOscillator();
  const volume = context.createGain();
  volume.gain.value = 0.25;
  tone.frequency.value = 523;
  const isLed = speaker && (await player.setSinkId(speaker).then(() => player.play()).then(() => true).catch(() => false));
  tone.connect(volume).connect(isLed ? out : context.destination);
  tone.start();
  tone.stop(context.currentTime + 1.5);
  tone.onended = () => context.close();
};

/** What was found and answered before this page was loaded anew, or null. */
const keptCheck = () => {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT));
    return kept?.where === location.href && Date.now() - kept.at < KEPT_MS ? kept : null;
  } catch {
    return null;
  }
};

/** What was chosen: camera and microphone as far as they are still there; a loudspeaker may be named later only. */
const stillThere = async ({ speaker, ...wish }) => {
  const there = (await navigator.mediaDevices.enumerateDevices()).map((one) => one.deviceId);
  const found = Object.entries(wish).filter(([, id]) => there.includes(id));
  return { ...Object.fromEntries(found), ...(speaker && { speaker }) };
};

const button = (label, onClick, kind = "", rest = {}) =>
  h("button", { type: "button", className: `btn ${kind}`, onClick, ...rest }, label);

function Meter({ stream, label, onHeard }) {
  const bar = useRef(null);
  useEffect(() => {
    if (!stream?.getAudioTracks().length) return undefined;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    const wave = new Float32Array(analyser.fftSize);
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(wave);
      const level = Math.sqrt(wave.reduce((sum, one) => sum + one * one, 0) / wave.length);
      if (bar.current) bar.current.value = Math.min(1, level * 6);
      if (level > HEARD) onHeard();
    }, 100);
    return () => {
      clearInterval(timer);
      context.close();
    };
  }, [stream]);
  return h("meter", { ref: bar, min: 0, max: 1, className: "check-meter", "aria-label": label });
}

function Choice({ id, label, devices, chosen, onChoose }) {
  if (devices.length < 2) return null;
  const options = devices.map((one, n) => h("option", { key: one.deviceId, value: one.deviceId }, one.label || n + 1));
  return h(
    "div",
    { className: "field" },
    h("label", { htmlFor: id }, label),
    h("select", { id, className: "input", value: chosen, onChange: (event) => onChoose(event.target.value) }, options),
  );
}

/**
 * @param {object} words what to say, by name (components/device_check.py)
 * @param {string} measureAt where the server answers measurements
 * @param {string} mirrorAt the socket by which one sees oneself through the hub
 */
export function DeviceCheck({ words, measureAt, mirrorAt, onDone }) {
  const [phase, setPhase] = useState("intro");
  const [stream, setStream] = useState(null);
  const [problem, setProblem] = useState("");
  const [isBySystem, setBySystem] = useState(false);
  const [devices, setDevices] = useState([]);
  const [chosen, setChosen] = useState({});
  const [sound, setSound] = useState("");
  const [isHeard, setHeard] = useState(false);
  const [line, setLine] = useState(null);
  const [isWhole, setWhole] = useState(false);
  const picture = useRef(null);
  const open = useRef(null);
  const block = useRef(null);

  useEffect(() => {
    const kept = keptCheck();
    if (!kept) return;
    setSound(kept.sound);
    setHeard(kept.isHeard);
    begin(kept.chosen);
  }, []);
  useEffect(() => {
    if (phase !== "checking") return;
    sessionStorage.setItem(KEPT, JSON.stringify({ where: location.href, at: Date.now(), sound, isHeard, chosen }));
  }, [phase, sound, isHeard, chosen]);
  const stop = () => open.current?.getTracks().forEach((track) => track.stop());
  useEffect(() => stop, []);
  useEffect(() => {
    if (phase === "refused" || phase === "checking") block.current.focus(); // the button that had it is gone
  }, [phase]);
  useEffect(() => {
    if (picture.current && stream) picture.current.srcObject = stream;
  }, [stream, phase]);
  useEffect(() => {
    if (phase !== "checking") return undefined;
    const ending = new AbortController();
    const timer = setTimeout(() => ending.abort(), PATIENCE_MS);
    const measureAll = async () => {
      const found = await measure(measureAt, ending.signal);
      setLine(found);
      const seen = await lookInMirror(mirrorAt, open.current, ending.signal).catch(() => ({}));
      setLine({ ...found, ...seen });
    };
    measureAll()
      .catch(() => setLine((found) => found || {}))
      .finally(() => setWhole(true));
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [phase]);

  const keep = (wish) => {
    setChosen(wish);
    sessionStorage.setItem(CHOSEN, JSON.stringify(wish));
  };
  const look = async (wish) => {
    stop();
    const of = (id) => (id ? { deviceId: { exact: id } } : true);
    const wanted = { video: of(wish.camera), audio: of(wish.microphone) };
    open.current = await navigator.mediaDevices.getUserMedia(wanted).catch(async (error) => {
      if (problemOf(error) === "refused") throw error;
      setProblem(problemOf(error)); // without a camera one can still be heard
      return navigator.mediaDevices.getUserMedia({ audio: wanted.audio });
    });
    setStream(open.current);
    keep(wish);
    setDevices(await navigator.mediaDevices.enumerateDevices());
  };

  const begin = async (wish = {}) => {
    if (!navigator.mediaDevices?.getUserMedia) {
      setPhase("refused");
      return;
    }
    setPhase("asking");
    try {
      await look(await stillThere(wish));
      setPhase("checking");
    } catch (error) {
      setProblem(problemOf(error));
      setBySystem(/by system/i.test(error.message)); // the browser was let, and may not ask the device itself
      setPhase("refused");
    }
  };

  const finish = (found) => {
    stop();
    sessionStorage.removeItem(KEPT);
    onDone({ round_trip_ms: "", loss_percent: "", down_kbit: "", up_kbit: "", ...line, ...found });
  };
  const skip = () => finish({ camera: "skipped", microphone: "skipped", speaker: "skipped" });
  const refuse = () => finish({ camera: problem || "missing", microphone: problem === "refused" ? problem : "missing", speaker: "skipped" });
  const done = () =>
    finish({
      camera: stream?.getVideoTracks().length ? "works" : problem || "missing",
      microphone: isHeard ? "works" : "silent",
      speaker: sound || "skipped",
    });

  if (phase === "intro" || phase === "asking") {
    return h(
      "div",
      { className: "check" },
      h("p", null, words.explain),
      phase === "asking" ? h("p", { role: "status" }, words.asking) : button(words.begin, () => begin()),
      button(words.skip, skip, "btn-quiet"),
    );
  }
  if (phase === "refused") {
    const refusal = isBySystem ? "refused_device" : surroundings();
    const where = problem === "missing" || problem === "busy" ? problem : refusal;
    return h(
      "div",
      { className: "check", ref: block, tabIndex: -1 },
      h("div", { role: "alert" }, h("h2", null, words.refused), h("p", null, words[where])),
      button(words.again, () => begin()),
      button(words.without, refuse, "btn-second"),
    );
  }
  const of = (kind) => devices.filter((one) => one.kind === kind && one.deviceId);
  const choose = (name) => (id) => look({ ...chosen, [name]: id });
  const hearBy = (speaker) => {
    keep({ ...chosen, speaker });
    setSound(""); // what was heard was another one
  };
  const answer = (label, said) => button(label, () => setSound(said), "btn-second", { "aria-pressed": sound === said });
  const heardWords = { works: words.sound_works, silent: words.sound_silent, not_heard: words.sound_deaf };
  return h(
    "div",
    { className: "check", ref: block, tabIndex: -1 },
    stream?.getVideoTracks().length
      ? h("video", { ref: picture, autoPlay: true, muted: true, playsInline: true, className: "check-picture", "aria-label": words.picture })
      : h("p", { role: "status" }, words.no_camera),
    h("p", { className: "quiet" }, words.only_you),
    h(Choice, { id: "camera", label: words.camera, devices: of("videoinput"), chosen: chosen.camera, onChoose: choose("camera") }),
    h("h2", null, words.microphone),
    h("p", null, words.speak),
    h(Meter, { stream, label: words.level, onHeard: () => setHeard(true) }),
    h("p", { role: "status" }, isHeard ? words.heard : words.not_heard_yet),
    h(Choice, { id: "microphone", label: words.which_microphone, devices: of("audioinput"), chosen: chosen.microphone, onChoose: choose("microphone") }),
    h("h2", null, words.sound),
    canChooseSpeaker() &&
      h(Choice, { id: "speaker", label: words.which_speaker, devices: of("audiooutput"), chosen: chosen.speaker, onChoose: hearBy }),
    button(words.play, () => playTone(chosen.speaker), "btn-second"),
    h(
      "div",
      { className: "check-answers", role: "group", "aria-label": words.did_you_hear },
      h("p", null, words.did_you_hear),
      answer(words.yes, "works"),
      answer(words.no, "silent"),
      answer(words.deaf, "not_heard"),
    ),
    h("p", { role: "status" }, heardWords[sound] || ""),
    h("h2", null, words.line),
    h("p", { role: "status", "data-line": isWhole ? "whole" : line ? "measured" : "" }, lineWords(isWhole && line, words)),
    button(words.done, done),
    button(words.skip, skip, "btn-quiet"),
  );
}

const lineWords = (line, words) => {
  if (!line) return words.measuring;
  if (!line.round_trip_ms) return words.line_unknown;
  const isSlow = Number(line.round_trip_ms) > 400 || Math.min(Number(line.down_kbit), Number(line.up_kbit)) < 400;
  const isWeak = isSlow || Number(line.loss_percent || 0) > 5;
  return isWeak ? words.line_weak : words.line_good;
};
