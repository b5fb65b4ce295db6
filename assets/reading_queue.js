// Readings on their way: kept on this device under the chart they belong to, and sent one by one, until each is in.
import { PATIENCE_MS, storeOf, waitingAnswers } from "./kept_queue.js";

const LASTING = [400, 401, 403, 404];
const APART_MS = 2500; // those that wait for later are asked about no oftener than the server lets a device ask

/** Whether the server takes this reading later, or fails at it: that says nothing of those behind it. */
const isLater = (status, told) => status === 500 || (status === 200 && told.outcome === "later");

/** Ask the server, or tell it something; the status is 0 where it cannot be reached. */
export const ask = async (address, locale, body) => {
  try {
    const answer = await fetch(address, {
      method: body ? "POST" : "GET",
      headers: { "x-locale": locale, ...(body ? { "content-type": "application/json" } : {}) },
      body: body && JSON.stringify(body),
      cache: "no-store",
      redirect: "manual",
    });
    return { status: answer.status, told: await answer.json() };
  } catch {
    return { status: 0, told: {} };
  }
};

/** Whether readings of some chart wait on this device. */
export const areWaiting = async () => (await waitingAnswers()).form.startsWith("vitals ");

/** What waits of one chart; `onChange` hears of each step. */
export class ReadingQueue {
  constructor(chart, locale, onChange) {
    Object.assign(this, { chart, locale, onChange, entries: [], sent: [], counted: "", leave: "", tries: 0 });
    this.turn = Promise.resolve();
    this.again = () => this.flush();
  }

  async start() {
    this.store = await storeOf(`vitals ${this.chart}`);
    window.addEventListener("online", this.again);
    await this.look();
    return this.flush();
  }

  stop() {
    this.isOver = true;
    clearTimeout(this.timer);
    window.removeEventListener("online", this.again);
  }

  async look() {
    this.entries = await this.store.all();
    if (!this.isOver) this.onChange();
  }

  /** Keep a reading `{key, measure, said, at, isConfirmed, shown}`; under a key that is there already, in its place. */
  async keep(reading) {
    await this.store.add({ ...reading, client: reading.key, sequence: 1 });
    await this.look();
    this.flush();
  }

  async remove(key) {
    await this.store.drop(key, 1);
    await this.look();
  }

  /** Send what waits and was not turned down; one that has to wait longer holds up none behind it. */
  flush() {
    clearTimeout(this.timer);
    this.turn = this.turn.then(() => this.sendAll());
    return this.turn;
  }

  async sendAll() {
    await this.look();
    let heldUp = 0;
    for (const one of this.entries.filter(({ outcome }) => !outcome)) {
      const { key, measure, said, at, isConfirmed } = one;
      const reading = { key, measure, said, at, isConfirmed };
      const { status, told } = await ask("/vitals/carried/readings", this.locale, { chart: this.chart, reading });
      if (this.isOver) return;
      if (status === 200 && told.outcome === "kept") {
        this.sent = [...this.sent, { ...one, severity: told.severity }];
        await this.remove(key);
      } else if (status === 200 && told.outcome === "counted") {
        this.counted = told.reason;
        await this.remove(key);
      } else if (isLater(status, told)) {
        heldUp += 1;
        continue;
      } else if (status === 200 || status === 400) {
        await this.store.add({ ...one, outcome: told.outcome || "refused", reason: told.reason || "" });
        await this.look();
      } else {
        this.leave = told.leave || "";
        this.onChange();
        if (!LASTING.includes(status)) this.wait();
        return;
      }
      if (!heldUp) this.tries = 0;
    }
    if (heldUp) {
      this.leave = "";
      this.onChange();
      this.wait(heldUp * APART_MS);
    }
  }

  wait(least = 0) {
    const patience = PATIENCE_MS[Math.min(this.tries, PATIENCE_MS.length - 1)];
    this.timer = setTimeout(this.again, Math.max(patience, least));
    this.tries += 1;
  }
}
