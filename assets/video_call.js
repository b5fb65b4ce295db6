// One visit's video in this browser, without anything drawn: the socket to the room, the way to the others (directly, or
// through the practice's hub), and what our camera and microphone send. Whatever breaks is made anew by itself; what is
// shown stays until the new way shows something.

import { Line, MOST_BITS } from "./video_line.js";

const DIRECT_WITHIN_MS = 5000;
const HUB_WITHIN_MS = [5000, 9000, 14_000]; // on a line that loses and delays much, agreeing on keys takes long
const LOST_AFTER_MS = 2500;
const AGAIN_MS = [200, 400, 800, 1500, 3000];
const LOOK_EVERY_MS = 2000;
const CUT_AFTER_MS = 8000; // after so long without a line, a telephone is the better way
const ASK_AFTER_MS = 2000; // so long after a try should have ended, whatever was asked for has got lost
const GONE = 4403;
const TAKEN = 4409;
const CAMERA = { width: { ideal: 960 }, height: { ideal: 540 }, frameRate: { ideal: 30 } };
const CHOSEN = "portal-devices"; // what was chosen in the check before the visit
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** Keep one codec, with its repetitions: the hub forwards what every browser understands. */
const only = (transceiver, kind, name) => {
  const codecs = RTCRtpReceiver.getCapabilities?.(kind)?.codecs || [];
  const wanted = [name, `${kind}/rtx`];
  const kept = codecs.filter((codec) => wanted.includes(codec.mimeType.toLowerCase()));
  if (kept.length) transceiver.setCodecPreferences?.(kept);
};

const chosen = () => {
  try {
    return JSON.parse(sessionStorage.getItem(CHOSEN)) || {};
  } catch {
    return {};
  }
};

/** One way to the others: a peer connection and what arrives by it, by place. */
class Way {
  constructor(kind, told, servers, room) {
    Object.assign(this, { kind, call: told.call, room, streams: [], waiting: [], isUp: false, isOver: false });
    this.pc = new RTCPeerConnection({ iceServers: servers, bundlePolicy: "max-bundle" });
    this.pc.ontrack = ({ track, transceiver }) => this.take(track, transceiver);
    this.pc.onconnectionstatechange = () => this.follow();
    this.timer = setTimeout(() => this.fail(), kind === "direct" ? DIRECT_WITHIN_MS : room.patience);
  }

  take(track, transceiver) {
    const place = this.pc.getTransceivers().indexOf(transceiver) >> 1;
    this.streams[place] ||= new MediaStream();
    for (const old of this.streams[place].getTracks()) {
      if (old.kind === track.kind) this.streams[place].removeTrack(old);
    }
    this.streams[place].addTrack(track);
    track.onunmute = () => this.room.changed();
  }

  follow() {
    const state = this.pc.connectionState;
    clearTimeout(this.lost);
    if (state === "connected") {
      clearTimeout(this.timer);
      this.isUp = true;
      this.room.arrive(this);
    } else if (state === "failed" || state === "closed") {
      this.fail();
    } else if (state === "disconnected") {
      this.lost = setTimeout(() => this.fail(), LOST_AFTER_MS);
    }
  }

  fail() {
    if (!this.isOver) this.room.failed(this);
  }

  sender(kind) {
    return this.pc.getTransceivers().find((one) => one.receiver.track.kind === kind && one.direction !== "recvonly")
      ?.sender;
  }

  /** The picture that arrives in a place. */
  video(slot) {
    const videos = this.pc.getTransceivers().filter((one) => one.receiver.track.kind === "video");
    return videos[this.kind === "direct" ? 0 : slot]?.receiver.track;
  }

  async send(tracks) {
    await Promise.all(["audio", "video"].map((kind) => this.sender(kind)?.replaceTrack(tracks[kind] || null)));
  }

  add(kind, track) {
    const encodings = kind === "video" ? { sendEncodings: [{ maxBitrate: MOST_BITS }] } : {};
    return this.pc.addTransceiver(track || kind, { direction: "sendrecv", ...encodings });
  }

  close() {
    this.isOver = true;
    clearTimeout(this.timer);
    clearTimeout(this.lost);
    this.pc.onconnectionstatechange = null;
    this.pc.close();
  }
}

class DirectWay extends Way {
  constructor(told, servers, room) {
    super("direct", told, servers, room);
    this.pc.onicecandidate = ({ candidate }) => candidate && this.say({ candidate: candidate.toJSON() });
    if (told.begins) this.begin();
  }

  say(words) {
    this.room.say({ do: "peer", call: this.call, ...words });
  }

  async begin() {
    for (const kind of ["audio", "video"]) this.add(kind, this.room.tracks[kind]);
    await this.pc.setLocalDescription();
    this.say({ offer: this.pc.localDescription.sdp });
  }

  async hear({ offer, answer, candidate }) {
    if (offer) {
      await this.pc.setRemoteDescription({ type: "offer", sdp: offer });
      for (const one of this.pc.getTransceivers()) {
        one.direction = "sendrecv";
        await one.sender.replaceTrack(this.room.tracks[one.receiver.track.kind] || null);
      }
      await this.pc.setLocalDescription();
      this.say({ answer: this.pc.localDescription.sdp });
    } else if (answer) {
      await this.pc.setRemoteDescription({ type: "answer", sdp: answer });
    }
    if (candidate) this.waiting.push(candidate);
    if (this.pc.remoteDescription) {
      const known = this.waiting.splice(0);
      await Promise.all(known.map((one) => this.pc.addIceCandidate(one)));
    }
  }
}

class HubWay extends Way {
  constructor(told, servers, room, most) {
    super("hub", told, servers, room);
    this.begin(told.token, most);
  }

  async begin(token, most) {
    for (let place = 0; place < most; place += 1) {
      for (const [kind, codec] of [["audio", "audio/opus"], ["video", "video/vp8"]]) {
        const one = place ? this.pc.addTransceiver(kind, { direction: "recvonly" }) : this.add(kind, this.room.tracks[kind]);
        only(one, kind, codec);
      }
    }
    await this.pc.setLocalDescription();
    this.room.say({ do: "offer", call: this.call, token, sdp: this.pc.localDescription.sdp });
  }

  async hear({ sdp }) {
    await this.pc.setRemoteDescription({ type: "answer", sdp });
  }
}

/** A visit's room; `onChange` is called whenever something that is shown changes. */
export class Call {
  constructor(address, onChange) {
    Object.assign(this, { address, onChange, tracks: {}, own: new MediaStream(), people: [], servers: [], most: 5 });
    Object.assign(this, { way: null, next: null, phase: "asking", tries: 0, said: {}, isPicturePaused: false });
    Object.assign(this, { isMuted: false, isHidden: false, isScreen: false, refused: "" });
    Object.assign(this, { cameras: [], facing: "user", misses: 0, askedAt: 0 });
    this.line = new Line(this);
    Object.assign(this, { downSince: 0, goneSince: 0, isCut: false, isTheirsCut: false });
    this.onOnline = () => this.reconnect();
    this.onDevices = () => this.lookForDevices();
    this.onWake = () => document.visibilityState === "visible" && this.wake();
  }

  async start() {
    window.addEventListener("online", this.onOnline);
    document.addEventListener("visibilitychange", this.onWake);
    navigator.mediaDevices?.addEventListener?.("devicechange", this.onDevices);
    const { camera, microphone } = chosen();
    this.camera = camera;
    await this.open({ audio: microphone ? { ...SOUND, deviceId: microphone } : SOUND, video: this.wish });
    if (this.phase === "over") {
      this.stopTracks();
      return;
    }
    this.phase = "joining";
    this.looking = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.connect();
  }

  /** Ask for microphone and camera, and go on with what is given: sound alone, or nothing. */
  async open(wanted) {
    for (const asked of [wanted, { audio: SOUND }, { video: CAMERA }]) {
      try {
        const given = await this.ask(asked);
        given.getTracks().forEach((track) => this.keep(track));
        break;
      } catch (error) {
        this.refused = error.name;
      }
    }
    this.isMuted = !this.tracks.audio;
    this.isHidden = !this.tracks.video;
    await this.lookForDevices();
  }

  /** Know which cameras and speakers there are; headphones come and go during a visit. */
  async lookForDevices() {
    const devices = (await navigator.mediaDevices?.enumerateDevices?.()) || [];
    this.cameras = devices.filter((one) => one.kind === "videoinput");
    this.speakers = devices.filter((one) => one.kind === "audiooutput");
    this.changed();
  }

  keep(track) {
    const before = this.tracks[track.kind];
    if (before && before !== track) before.stop();
    this.tracks[track.kind] = track;
    if (track.kind === "video") {
      this.own = new MediaStream([track]);
      track.contentHint = this.isScreen ? "detail" : "motion";
    }
    track.onended = () => this.tracks[track.kind] === track && this.wake();
  }

  // The socket

  connect() {
    clearTimeout(this.retry);
    const socket = new WebSocket(this.address);
    this.socket = socket;
    this.isWelcome = false;
    socket.onopen = () => this.greet();
    socket.onmessage = ({ data }) => this.socket === socket && this.hear(JSON.parse(data));
    socket.onclose = ({ code }) => this.socket === socket && this.closed(code);
  }

  closed(code) {
    this.socket = null;
    if (code === GONE || code === TAKEN) {
      this.end(code === TAKEN ? "taken" : "out");
      return;
    }
    this.retry = setTimeout(() => this.connect(), AGAIN_MS[Math.min(this.tries++, AGAIN_MS.length - 1)]);
    this.changed();
  }

  reconnect() {
    if (this.phase === "over" || !this.looking) return;
    this.tries = 0;
    if (this.socket) {
      this.socket.onclose = null;
      this.socket.close();
    }
    this.connect();
  }

  say(words) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(words));
  }

  hear(told) {
    if (told.do === "welcome") {
      Object.assign(this, { servers: told.servers, most: told.most, tries: 0, isWelcome: true });
      this.said = {};
      this.tellOthers();
    } else if (told.do === "roster") this.seat(told.people);
    else if (told.do === "go") this.go(told);
    else if (told.do === "peer" || told.do === "answer") this.letter(told);
    else if (told.do === "line") this.isPicturePaused = !told.pictures;
    else if (told.do === "still") this.line.heed();
    else if (told.do === "refused" || told.do === "lost") this.askAgain(1000);
    else if (told.do === "wait") this.repeat();
    else if (told.do === "full") this.end("full");
    else if (told.do === "taken" || told.do === "out") this.end(told.do);
    this.changed();
  }

  /** Know who is here; what we send is smaller the more there are. */
  seat(people) {
    const before = this.people.length;
    this.people = people;
    if (people.length !== before) this.line.shape();
  }

  /** What we said was not let through: the database or the hub is away. */
  repeat() {
    clearTimeout(this.telling);
    this.said = {};
    this.telling = setTimeout(() => {
      if (!this.isWelcome) this.greet();
      else if (this.next && !this.way?.isUp) this.askAgain(0);
      this.tellOthers();
    }, 1000);
  }

  greet() {
    this.say({ do: "hello", call: this.way?.isUp && this.way.kind ? this.way.call : null });
  }

  letter(told) {
    const way = [this.next, this.way].find((one) => one?.call === told.call);
    way?.hear(told).catch(() => way.fail());
  }

  // The way to the others

  go(told) {
    if (told.path === "") {
      this.drop("way", "next");
      this.phase = "alone";
      return;
    }
    if (this.way?.isUp && this.way.call === told.call && this.way.kind === told.path) return;
    this.phase = "on";
    this.askedAt = performance.now();
    this.drop("next");
    this.next = told.path === "direct"
      ? new DirectWay(told, this.servers, this)
      : new HubWay(told, this.servers, this, this.most);
  }

  get patience() {
    return HUB_WITHIN_MS[Math.min(this.misses, HUB_WITHIN_MS.length - 1)];
  }

  arrive(way) {
    this.misses = 0;
    if (way === this.next) {
      this.drop("way");
      Object.assign(this, { way, next: null, isPicturePaused: false }); // the hub begins anew, too
      if (way.kind === "direct") this.say({ do: "arrived", call: way.call });
      way.send(this.tracks).then(() => this.line.shape()).catch(() => null); // it was closed meanwhile
    }
    this.changed();
  }

  failed(way) {
    if (way.kind === "hub" && !way.isUp) this.misses += 1;
    way.isUp = false;
    if (way.kind === "direct") this.say({ do: "missed", call: way.call });
    else this.askAgain(0);
    this.changed();
  }

  askAgain(afterMs) {
    this.askedAt = performance.now();
    clearTimeout(this.asking);
    this.asking = setTimeout(() => this.say({ do: "again" }), afterMs);
  }

  drop(...names) {
    for (const name of names) {
      this[name]?.close();
      this[name] = null;
    }
  }

  // What we send

  tellOthers() {
    const { isMuted: muted, isHidden: hidden, isPoor: poor, isScreen: screen } = this;
    const words = { muted, hidden, poor, screen, stalled: this.stills.size > 0 };
    if (JSON.stringify(words) === JSON.stringify(this.said)) return;
    this.said = words;
    this.say({ do: "show", ...words });
  }

  async resend() {
    await Promise.all([this.way, this.next].map((way) => way?.send(this.tracks)));
    await this.line.shape();
    this.tellOthers();
    this.changed();
  }

  async mute() {
    if (!this.tracks.audio) await this.reopen({ audio: SOUND });
    this.isMuted = !this.isMuted || !this.tracks.audio;
    if (this.tracks.audio) this.tracks.audio.enabled = !this.isMuted;
    await this.resend();
  }

  /** Turn the picture off, and the camera's light with it; or on again. */
  async hide() {
    if (!this.isHidden) {
      this.tracks.video?.stop();
      Object.assign(this, { isHidden: true, isScreen: false, own: new MediaStream() });
      delete this.tracks.video;
    } else {
      await this.reopen({ video: this.wish });
      this.isHidden = !this.tracks.video;
    }
    await this.resend();
  }

  async reopen(wanted) {
    try {
      const given = await this.ask(wanted);
      given.getTracks().forEach((track) => this.keep(track));
      this.refused = "";
    } catch (error) {
      this.refused = error.name;
    }
  }

  /** The camera that was chosen last, else the one that looks this way. */
  get wish() {
    // A wish alone would be weighed against the size of the picture, and another camera might win.
    return { ...CAMERA, ...(this.camera ? { deviceId: { exact: this.camera } } : { facingMode: this.facing }) };
  }

  /** Ask for devices; for any camera where the chosen one was pulled out. */
  async ask(wanted) {
    try {
      return await navigator.mediaDevices.getUserMedia(wanted);
    } catch (error) {
      if (error.name !== "OverconstrainedError" || !this.camera || !wanted.video) throw error;
      this.camera = "";
      return navigator.mediaDevices.getUserMedia({ ...wanted, video: this.wish });
    }
  }

  async turn() {
    const now = this.tracks.video?.getSettings().deviceId;
    const other = this.cameras[(this.cameras.findIndex((one) => one.deviceId === now) + 1) % this.cameras.length];
    this.facing = this.facing === "user" ? "environment" : "user";
    this.camera = other?.deviceId;
    this.tracks.video?.stop(); // most phones open one camera at a time
    await this.reopen({ video: this.wish });
    await this.resend();
  }

  async share() {
    if (this.isScreen) {
      await this.unshare();
    } else {
      try {
        const screen = (await navigator.mediaDevices.getDisplayMedia({ video: true })).getVideoTracks()[0];
        Object.assign(this, { isScreen: true, wasHidden: this.isHidden, isHidden: false });
        this.keep(screen);
        screen.onended = () => this.isScreen && this.share();
      } catch {
        return; // they chose nothing
      }
    }
    await this.resend();
  }

  /** Show the camera again, if it was on before the screen was shown. */
  async unshare() {
    this.isScreen = false;
    if (this.wasHidden) {
      this.isHidden = false;
      await this.hide();
    } else {
      await this.reopen({ video: this.wish });
    }
  }

  /** After sleep, a call on the phone, or a device that was pulled out: take up again what has ended. */
  async wake() {
    if (!this.looking) return;
    if (!this.socket) this.reconnect();
    const ended = (kind) => this.tracks[kind]?.readyState === "ended";
    if (ended("audio")) await this.reopen({ audio: SOUND });
    if (ended("video") && !this.isScreen) await this.reopen({ video: this.wish });
    if (this.tracks.audio) this.tracks.audio.enabled = !this.isMuted;
    await this.resend();
  }

  // The line

  /** Notice when there has been no line for long, here or at the patient's end. */
  noteLine() {
    const now = performance.now();
    const patient = this.people.find((one) => one.role === "patient");
    this.hadPatient ||= Boolean(patient);
    const isDown = !this.socket || this.phase === "joining" || (this.phase === "on" && !this.way?.isUp);
    const isGone = this.hadPatient && (!patient || patient.away || patient.silent);
    this.downSince = isDown ? this.downSince || now : 0;
    this.goneSince = isGone ? this.goneSince || now : 0;
    const isCut = isDown && now - this.downSince >= CUT_AFTER_MS;
    const isTheirsCut = isGone && now - this.goneSince >= CUT_AFTER_MS;
    const isLost = now - this.askedAt > this.patience + ASK_AFTER_MS;
    if (isDown && this.socket && this.phase === "on" && isLost) this.askAgain(0);
    if (isCut === this.isCut && isTheirsCut === this.isTheirsCut) return;
    Object.assign(this, { isCut, isTheirsCut });
    this.changed();
  }

  look() {
    this.noteLine();
    this.line.look().catch(() => null); // the way was closed meanwhile
  }

  get isPoor() {
    return this.line.isPoor;
  }

  get stills() {
    return this.line.stills;
  }

  // The end

  changed() {
    this.onChange();
  }

  stopTracks() {
    Object.values(this.tracks).forEach((track) => track.stop());
  }

  end(phase) {
    this.close();
    this.phase = phase;
    this.changed();
  }

  close() {
    window.removeEventListener("online", this.onOnline);
    document.removeEventListener("visibilitychange", this.onWake);
    navigator.mediaDevices?.removeEventListener?.("devicechange", this.onDevices);
    [this.retry, this.asking, this.telling].forEach(clearTimeout);
    this.line.close();
    clearInterval(this.looking);
    this.looking = null;
    this.drop("way", "next");
    this.stopTracks();
    this.phase = "over";
    const socket = this.socket;
    this.socket = null;
    if (socket) {
      socket.onclose = null;
      socket.close();
    }
  }
}
