// Camera, microphone and screen of this browser in a visit: what is asked for, what is given, and what the device takes
// away, as a telephone call or a locked screen does. What was taken away is taken up again by itself as soon as it may.

const CAMERA = { width: { ideal: 960 }, height: { ideal: 540 }, frameRate: { ideal: 30 } };
const CHOSEN = "portal-devices"; // what was chosen in the check before the visit
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const KINDS = ["audio", "video"];
const AGAIN_MS = [0, 2000, 4000, 8000, 15_000]; // until what has ended is asked for once more
const SILENT_MS = 4000; // what is only held back comes back by itself, or else is asked for after so long

const chosen = () => {
  try {
    return JSON.parse(sessionStorage.getItem(CHOSEN)) || {};
  } catch {
    return {};
  }
};

const facing = (device) => device?.getCapabilities?.().facingMode?.[0];

/** What we show of ourselves. Whoever extends it sends the tracks (`resend`) and draws what has changed (`changed`). */
export class Devices {
  constructor() {
    Object.assign(this, { tracks: {}, own: new MediaStream(), cameras: [], speakers: [], facing: "user", refused: "" });
    Object.assign(this, { speaker: "", isMuted: false, isHidden: false, isDark: false, isScreen: false, isOtherBusy: false });
    Object.assign(this, { doing: Promise.resolve(), takenTries: 0, takeUpAt: 0 });
    this.onDevices = () => this.lookForDevices();
  }

  /** One thing after another: two at once would take the devices from each other. */
  inTurn(work) {
    this.doing = this.doing.then(work).catch(() => null);
    return this.doing;
  }

  async begin() {
    navigator.mediaDevices?.addEventListener?.("devicechange", this.onDevices);
    const { camera, microphone, speaker = "" } = chosen();
    Object.assign(this, { camera, microphone, speaker });
    await this.open();
  }

  /** Ask for microphone and camera, and go on with what is given: sound alone, or nothing. */
  async open() {
    let problem = "";
    for (const asked of [{ audio: this.sound, video: this.wish }, { audio: SOUND }, { video: CAMERA }]) {
      if (await this.reopen(asked)) break;
      problem = this.refused;
    }
    this.refused = problem;
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

  /** The loudspeaker that was chosen, as long as it is there; "" for the device's own choice. */
  get heardBy() {
    return this.speakers.some((one) => one.deviceId === this.speaker) ? this.speaker : "";
  }

  /** Hear the others by this loudspeaker, here and in this tab's next visit. */
  hearBy(speaker) {
    this.speaker = speaker;
    sessionStorage.setItem(CHOSEN, JSON.stringify({ ...chosen(), speaker }));
    this.changed();
  }

  get sound() {
    return this.microphone ? { ...SOUND, deviceId: this.microphone } : SOUND;
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

  /** Take what is given in place of what there was; tell whether it was given. */
  async reopen(wanted) {
    try {
      const given = await this.ask(wanted);
      given.getTracks().forEach((track) => this.keep(track));
      this.refused = "";
    } catch (error) {
      this.refused = error.name;
    }
    return !this.refused;
  }

  keep(track) {
    if (this.isDark && track.kind === "video") {
      track.stop(); // the picture was turned off while it was asked for
      return;
    }
    const before = this.tracks[track.kind];
    if (before && before !== track) before.stop();
    this.tracks[track.kind] = track;
    if (this.isOver) {
      track.stop(); // it was given after the visit was left
      return;
    }
    if (track.kind === "video") {
      Object.assign(this, { own: new MediaStream([track]), isOtherBusy: false });
      track.contentHint = this.isScreen ? "detail" : "motion";
      if (!this.isScreen) this.facing = track.getSettings().facingMode || "user";
    } else track.enabled = !this.isMuted;
    track.onmute = () => this.noteTaken(track, SILENT_MS);
    track.onunmute = () => this.noteTaken(track, SILENT_MS);
    track.onended = () => this.ended(track);
  }

  stopTracks() {
    navigator.mediaDevices?.removeEventListener?.("devicechange", this.onDevices);
    this.isOver = true;
    Object.values(this.tracks).forEach((track) => track.stop());
  }

  // What the device takes away

  /** Whether we would send this, and the device has ended it or holds it back. */
  isTaken(kind) {
    const track = this.tracks[kind];
    const isWanted = kind === "audio" ? !this.isMuted : !this.isHidden && !this.isScreen;
    return Boolean(isWanted && track && (track.readyState === "ended" || track.muted));
  }

  get taken() {
    return KINDS.filter((kind) => this.isTaken(kind));
  }

  ended(track) {
    if (this.tracks[track.kind] !== track) return;
    if (this.isScreen && track.kind === "video") this.inTurn(() => this.unshare()); // by the browser's own bar
    else this.noteTaken(track, 0);
  }

  noteTaken(track, afterMs) {
    if (this.tracks[track.kind] !== track || this.isOver) return;
    Object.assign(this, { takenTries: 0, takeUpAt: performance.now() + afterMs });
    this.tellOthers();
    this.changed();
    if (!afterMs) this.lookAtTaken();
  }

  /** Take up again what was taken away, when it is time for another try and somebody looks. */
  lookAtTaken() {
    const isTime = performance.now() >= this.takeUpAt && document.visibilityState === "visible";
    const isRefused = this.refused === "NotAllowedError"; // asking again and again would only be a nuisance
    if (!isTime || isRefused || !this.taken.length) return;
    this.takenTries = Math.min(this.takenTries + 1, AGAIN_MS.length - 1);
    this.takeUpAt = performance.now() + AGAIN_MS[this.takenTries];
    this.takeUp();
  }

  /** Ask for all that was taken away: together, as one call to the device, else one by one. */
  takeUp() {
    return this.inTurn(async () => {
      const asked = { audio: this.sound, video: this.wish };
      const { taken } = this;
      if (taken.length > 1) await this.reopen(asked);
      for (const kind of this.taken) await this.reopen({ [kind]: asked[kind] });
      await this.resend();
    });
  }

  /** Somebody looks at the page again: what has ended is asked for at once. */
  wakeDevices() {
    const isEnded = this.taken.some((kind) => this.tracks[kind].readyState === "ended");
    return isEnded ? this.takeUp() : this.resend();
  }

  // What we choose ourselves

  /** Turn the sound off, at once, whatever is being waited for; or on again. */
  async mute() {
    if (this.isMuted && this.tracks.audio?.readyState !== "live") {
      await this.inTurn(() => this.reopen({ audio: this.sound }));
    }
    this.isMuted = !this.isMuted || !this.tracks.audio;
    if (this.tracks.audio) this.tracks.audio.enabled = !this.isMuted;
    await this.resend();
  }

  /** Turn the picture off, and the camera's light with it, at once, whatever is being waited for; or on again. */
  hide() {
    if (!this.isHidden) {
      this.darken();
      return this.resend();
    }
    return this.inTurn(async () => {
      if (!this.isHidden) return;
      this.isDark = false;
      await this.reopen({ video: this.wish });
      this.isHidden = !this.tracks.video;
      await this.resend();
    });
  }

  darken() {
    this.tracks.video?.stop();
    Object.assign(this, { isHidden: true, isDark: true, isScreen: false, own: new MediaStream() });
    delete this.tracks.video;
  }

  /** The camera that looks the other way, where that is known; else the next one. */
  otherCamera(now) {
    const at = this.cameras.findIndex((one) => one.deviceId === now);
    const others = [...this.cameras.slice(at + 1), ...this.cameras.slice(0, Math.max(at, 0))];
    const looks = facing(this.cameras[at]);
    return (looks && others.find((one) => facing(one) && facing(one) !== looks)) || others[0];
  }

  /** Use the other camera; where it cannot be opened, the one before goes on. */
  turn() {
    return this.inTurn(async () => {
      const now = this.tracks.video?.getSettings().deviceId;
      const other = this.otherCamera(now);
      if (!other || this.isScreen || this.isHidden) return;
      this.tracks.video?.stop(); // most phones open one camera at a time
      this.camera = other.deviceId;
      const isOpen = await this.reopen({ video: this.wish });
      if (!isOpen) {
        this.camera = now;
        await this.reopen({ video: this.wish });
      }
      this.isOtherBusy = !isOpen;
      await this.resend();
    });
  }

  /** Show a screen in place of the camera, once one was chosen; or the camera again. */
  async share() {
    if (this.isScreen) {
      await this.inTurn(() => this.unshare());
      return;
    }
    try {
      const [screen] = (await navigator.mediaDevices.getDisplayMedia({ video: true })).getVideoTracks();
      await this.inTurn(() => this.showScreen(screen));
    } catch {
      return; // they chose nothing
    }
  }

  async showScreen(screen) {
    Object.assign(this, { isScreen: true, wasHidden: this.isHidden, isHidden: false, isDark: false });
    this.keep(screen);
    await this.resend();
  }

  /** Show the camera again, if it was on before the screen was shown. */
  async unshare() {
    if (!this.isScreen) return;
    this.tracks.video.stop();
    this.isScreen = false;
    if (this.wasHidden) this.darken();
    else await this.reopen({ video: this.wish });
    await this.resend();
  }
}
