// One visit's video in this browser, without anything drawn: the socket to the room, the way to the others (directly, or
// through the practice's hub), and what our camera and microphone send. Whatever breaks is made anew by itself; what is
// shown stays until the new way shows something.

import { Devices } from "./video_devices.js";
import { Line, MOST_BITS } from "./video_line.js";

const DIRECT_WITHIN_MS = 5000;
const HUB_WITHIN_MS = [5000, 9000, 14_000]; // on a line that loses and delays much, agreeing on keys takes long
const LOST_AFTER_MS = 1000; // the browser itself has waited two and a half seconds by then
const KNOCK_AFTER_MS = 15_000; // nothing was heard for so long, though the others may just have nothing to say
const DEAF_AFTER_MS = [1500, 3000, 6000, 12_000]; // a socket on which nothing is answered for so long is dead
const AGAIN_MS = [200, 400, 800, 1500, 3000];
const LOOK_EVERY_MS = 2000;
const CUT_AFTER_MS = 8000; // after so long without a line, a telephone is the better way
const ASK_AFTER_MS = 2000; // so long after a try should have ended, whatever was asked for has got lost
const GONE = 4403;
const TAKEN = 4409;

/** Keep one codec, with its repetitions: the hub forwards what every browser understands. */
const only = (transceiver, kind, name) => {
  const codecs = RTCRtpReceiver.getCapabilities?.(kind)?.codecs || [];
  const wanted = [name, `${kind}/rtx`];
  const kept = codecs.filter((codec) => wanted.includes(codec.mimeType.toLowerCase()));
  if (kept.length) transceiver.setCodecPreferences?.(kept);
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
      this.room.knock(); // the socket may have gone with the network
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
export class Call extends Devices {
  constructor(address, onChange) {
    super();
    Object.assign(this, { address, onChange, people: [], servers: [], most: 5 });
    Object.assign(this, { way: null, next: null, phase: "asking", tries: 0, said: {}, isPicturePaused: false });
    Object.assign(this, { misses: 0, askedAt: 0, deaf: 0, heardAt: 0, hasMoved: false });
    this.line = new Line(this);
    Object.assign(this, { downSince: 0, goneSince: 0, isCut: false, isTheirsCut: false });
    this.onOnline = () => this.move();
    this.onNetwork = () => this.network !== navigator.connection.type && this.move();
    this.onWake = () => document.visibilityState === "visible" && this.wake();
  }

  async start() {
    window.addEventListener("online", this.onOnline);
    document.addEventListener("visibilitychange", this.onWake);
    document.addEventListener("resume", this.onWake);
    this.network = navigator.connection?.type;
    navigator.connection?.addEventListener?.("change", this.onNetwork);
    await this.begin();
    if (this.phase === "over") return;
    this.phase = "joining";
    this.looking = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.connect();
  }

  // The socket

  connect() {
    clearTimeout(this.retry);
    const socket = new WebSocket(this.address);
    this.socket = socket;
    this.isWelcome = false;
    this.expect(1);
    socket.onopen = () => this.greet();
    socket.onmessage = ({ data }) => this.socket === socket && this.hear(JSON.parse(data));
    socket.onclose = ({ code }) => this.socket === socket && this.closed(code);
  }

  closed(code) {
    this.socket = null;
    this.expectNothing();
    if (code === GONE || code === TAKEN) {
      this.end(code === TAKEN ? "taken" : "out");
      return;
    }
    this.retry = setTimeout(() => this.connect(), AGAIN_MS[Math.min(this.tries++, AGAIN_MS.length - 1)]);
    this.changed();
  }

  /** Ask whether the socket still lives: that is always answered. */
  knock() {
    this.say({ do: "here" });
    this.expect(0);
  }

  /** Wait for an answer: a socket may have died without a word, as when a telephone leaves the Wi-Fi. */
  expect(least) {
    if (this.deafness || !this.socket) return;
    const patience = DEAF_AFTER_MS[Math.min(Math.max(this.deaf, least), DEAF_AFTER_MS.length - 1)];
    this.deafness = setTimeout(() => {
      this.deaf += 1;
      this.reconnect();
    }, patience);
  }

  expectNothing() {
    clearTimeout(this.deafness);
    this.deafness = null;
  }

  /** Another network: the way that was is no way any more, and is shown until there is another. */
  move() {
    this.network = navigator.connection?.type;
    this.hasMoved = true;
    this.reconnect();
  }

  reconnect() {
    if (this.phase === "over" || !this.looking) return;
    this.expectNothing();
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
    this.heardAt = performance.now();
    this.expectNothing();
    if (told.do === "welcome") {
      Object.assign(this, { servers: told.servers, most: told.most, tries: 0, deaf: 0, isWelcome: true });
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
    this.say({ do: "hello", call: this.way?.isUp && !this.hasMoved ? this.way.call : null });
    this.expect(1);
  }

  letter(told) {
    const way = [this.next, this.way].find((one) => one?.call === told.call);
    way?.hear(told).catch(() => way.fail());
  }

  // The way to the others

  go(told) {
    const { hasMoved } = this;
    this.hasMoved = false;
    if (told.path === "") {
      this.drop("way", "next");
      this.phase = "alone";
      return;
    }
    const isSame = this.way?.isUp && this.way.call === told.call && this.way.kind === told.path;
    if (isSame && !hasMoved) return;
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
    this.knock();
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
    const { isHidden: hidden, isPoor: poor, isScreen: screen } = this;
    const ours = { muted: this.isMuted || this.isTaken("audio"), hidden, paused: this.isTaken("video") };
    const words = { ...ours, poor, screen, stalled: this.stills.size > 0 };
    if (JSON.stringify(words) === JSON.stringify(this.said)) return;
    this.said = words;
    this.say({ do: "show", ...words });
  }

  async resend() {
    await Promise.all([this.way, this.next].map((way) => way?.send(this.tracks).catch(() => null))); // one just closed
    await this.line.shape();
    this.tellOthers();
    this.changed();
  }

  /** After sleep, or a call on the phone. */
  async wake() {
    if (!this.looking) return;
    if (!this.socket) this.reconnect();
    else this.knock();
    await this.wakeDevices();
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
    if (isDown && this.socket && this.phase === "on" && isLost) {
      this.askAgain(0);
      this.knock();
    }
    if (isCut === this.isCut && isTheirsCut === this.isTheirsCut) return;
    Object.assign(this, { isCut, isTheirsCut });
    this.changed();
  }

  look() {
    this.noteLine();
    if (performance.now() - this.heardAt > KNOCK_AFTER_MS) this.knock();
    this.lookAtTaken();
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

  end(phase) {
    this.close();
    this.phase = phase;
    this.changed();
  }

  close() {
    window.removeEventListener("online", this.onOnline);
    document.removeEventListener("visibilitychange", this.onWake);
    document.removeEventListener("resume", this.onWake);
    navigator.connection?.removeEventListener?.("change", this.onNetwork);
    this.expectNothing();
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
