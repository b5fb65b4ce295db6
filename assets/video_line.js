// What the line of a visit carries: how large our picture is sent, when the sound goes alone, and whose picture stands still.

export const MOST_BITS = 1_200_000;
const POOR_BITS = 60_000;
const POOR_LOOKS = 3;
const REST_MS = [10_000, 20_000, 40_000];
/** How a picture is sent, and what the line must carry for that: small ones get through where large ones stand still. */
const STEPS = [
  { needs: 220_000, maxBitrate: MOST_BITS, scaleResolutionDownBy: 1, maxFramerate: 30 },
  { needs: 120_000, maxBitrate: 350_000, scaleResolutionDownBy: 2, maxFramerate: 24 },
  { needs: 0, maxBitrate: 150_000, scaleResolutionDownBy: 3, maxFramerate: 20 },
];
const LAST = STEPS.length - 1;
/** The most that is sent where so many look: a phone draws them all, and all of it comes down each line. */
const crowd = (many) => ({
  maxBitrate: Math.round(MOST_BITS / Math.max(1, many)),
  scaleResolutionDownBy: [1, 1, 1.5][many] || 2,
  maxFramerate: many > 1 ? 24 : 30,
});
const LOWER_LOOKS = 2;
const HIGHER_LOOKS = 3;
const STILL_LOOKS = 2; // a picture that hardly changed for so long stands still
const STILL_FRAMES = 2;
const HEED_EVERY_MS = 3000;
const CALM_MS = 10_000;

/** Looked after every two seconds by the call it belongs to. */
export class Line {
  constructor(call) {
    Object.assign(this, { call, isPoor: false, stills: new Set(), shown: {}, shaped: Promise.resolve() });
    Object.assign(this, { step: 0, looks: 0, lower: 0, higher: 0, pleas: 0, rests: 0, heededAt: -CALM_MS });
  }

  async look() {
    await Promise.all([this.noteStill(), this.noteSent()]);
  }

  get sender() {
    return this.call.way?.isUp && this.call.way.sender("video");
  }

  // What we see

  /** Notice pictures that stand still though nobody turned them off, say so, and ask for a new one. */
  async noteStill() {
    const { way, people, isPicturePaused } = this.call;
    const isWatched = way?.isUp && !isPicturePaused && document.visibilityState === "visible";
    const stats = isWatched ? [...(await way.pc.getStats()).values()] : [];
    const before = this.shown;
    this.shown = {};
    for (const person of isWatched ? people : []) {
      if (person.hidden || person.poor || person.screen || person.paused || person.away || person.silent) continue;
      const frames = stats.find((one) => one.trackIdentifier === way.video(person.slot)?.id)?.framesDecoded || 0;
      const last = before[person.tag];
      const isStill = last?.way === way && frames - last.frames < STILL_FRAMES;
      this.shown[person.tag] = { way, frames, looks: isStill ? last.looks + 1 : 0 };
    }
    const stills = Object.keys(this.shown).filter((tag) => this.shown[tag].looks >= STILL_LOOKS);
    stills.forEach((tag) => this.call.say({ do: "still", call: way.call, tag }));
    if (stills.join() === [...this.stills].join()) return;
    this.stills = new Set(stills);
    this.call.tellOthers();
    this.call.changed();
  }

  // What we send

  async noteSent() {
    const { sender } = this;
    if (!sender?.track || this.resting) return;
    const stats = [...(await sender.getStats()).values()];
    const lost = stats.find((one) => one.type === "remote-inbound-rtp")?.fractionLost || 0;
    const carried = stats.find((one) => one.type === "candidate-pair" && one.nominated)?.availableOutgoingBitrate;
    if (carried !== undefined) this.fit(carried, lost);
    // An estimate alone says little: small pictures move on lines that are thought to carry less.
    const isPoor = lost > 0.4 || (carried < POOR_BITS && !this.isCalm);
    this.looks = isPoor ? this.looks + 1 : 0;
    if (this.looks >= POOR_LOOKS) await this.rest();
    else if (!isPoor && this.isCalm) this.rests = 0;
  }

  /** Whether nobody has seen our picture stand still for a while. */
  get isCalm() {
    return performance.now() - this.heededAt > CALM_MS;
  }

  /** Send as large a picture as the line carries: a smaller one soon, a larger one after a while. */
  fit(carried, lost) {
    const { step } = this;
    const isWide = step > 0 && this.isCalm && lost < 0.1 && carried > 1.2 * STEPS[step - 1].needs;
    this.lower = step < LAST && carried < STEPS[step].needs ? this.lower + 1 : 0;
    this.higher = isWide ? this.higher + 1 : 0;
    if (this.lower >= LOWER_LOOKS) this.go(step + 1);
    else if (this.higher >= HIGHER_LOOKS) this.go(step - 1);
  }

  go(step) {
    Object.assign(this, { step, lower: 0, higher: 0, pleas: 0 });
    return this.shape();
  }

  /** Somebody sees our picture stand still: send a small one, which begins with a whole one; at last the sound alone. */
  heed() {
    const now = performance.now();
    if (now - this.heededAt < HEED_EVERY_MS || this.isPoor || !this.sender?.track) return;
    this.heededAt = now;
    if (this.step < LAST) this.go(LAST);
    else if (++this.pleas > 1) this.rest();
  }

  /** Send the sound alone for a while, longer each time; then the picture is tried again with little. */
  async rest() {
    Object.assign(this, { looks: 0, lower: 0, higher: 0, pleas: 0, step: LAST });
    this.resting = setTimeout(() => this.carry(true), REST_MS[Math.min(this.rests++, REST_MS.length - 1)]);
    await this.carry(false);
  }

  /** Send the picture, or the sound alone so that at least that gets through. */
  async carry(isCarried) {
    if (isCarried) this.resting = null;
    this.isPoor = !isCarried;
    await this.shape();
    this.call.tellOthers();
    this.call.changed();
  }

  /** Have the picture sent as large as the step we are at and those who look allow; one change after the other. */
  shape() {
    this.shaped = this.shaped.then(() => this.apply()).catch(() => null); // the way was closed meanwhile
    return this.shaped;
  }

  /** A screen stays legible, and comes less often. */
  async apply() {
    const parameters = this.sender?.getParameters?.();
    if (!parameters?.encodings?.length) return;
    const shape = STEPS[this.step];
    const { maxBitrate, scaleResolutionDownBy, maxFramerate } = crowd(this.call.people.length);
    const isScreen = this.call.isScreen;
    Object.assign(parameters.encodings[0], {
      maxBitrate: Math.min(shape.maxBitrate, isScreen ? MOST_BITS : maxBitrate),
      scaleResolutionDownBy: isScreen ? 1 : Math.max(shape.scaleResolutionDownBy, scaleResolutionDownBy),
      maxFramerate: Math.min(shape.maxFramerate, maxFramerate),
      active: !this.isPoor,
    });
    await this.sender.setParameters(parameters);
  }

  close() {
    clearTimeout(this.resting);
  }
}
