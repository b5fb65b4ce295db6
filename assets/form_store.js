// The answers of a form on their way: sent in the order in which they were given, until the server says it has them.
import { PATIENCE_MS, storeOf, uuid } from "./kept_queue.js";

const MOST_AT_ONCE = 50;

/** The answers of one form on their way: `onChange` hears how it stands after each step. */
export class Sender {
  constructor(form, locale, onChange) {
    // A tab counts its own answers: two of them on one device are as two devices.
    Object.assign(this, { form, locale, onChange, client: uuid(), next: 1, waiting: 0, place: "", tries: 0 });
    this.turn = Promise.resolve();
  }

  /** Open what is kept, and return what has not been sent. */
  async start() {
    this.store = await storeOf(this.form);
    const kept = await this.store.all();
    this.waiting = kept.length;
    this.again = () => this.flush();
    window.addEventListener("online", this.again);
    return kept;
  }

  stop() {
    clearTimeout(this.timer);
    window.removeEventListener("online", this.again);
  }

  /** Keep one answer and send it when that can be done; its number is taken at once, so that the order stands. */
  give(key, values, base) {
    const entry = { client: this.client, sequence: this.next, key, values, base, at: new Date().toISOString() };
    this.next += 1;
    this.waiting += 1;
    this.turn = this.turn.then(() => this.store.add(entry));
    this.flush();
  }

  /** Send what waits, one request at a time. Answers whether all of it has arrived. */
  flush() {
    clearTimeout(this.timer);
    this.turn = this.turn.then(() => this.sendAll());
    return this.turn;
  }

  async sendAll() {
    for (let kept = await this.store.all(); kept.length; kept = await this.store.all()) {
      const { client } = kept[0];
      const answers = kept.filter((one) => one.client === client).slice(0, MOST_AT_ONCE);
      const said = await this.post("answers", { client, place: this.place, answers });
      if (said.status === 410) {
        await this.store.forget(); // the form was sent: nothing in it changes any more
        this.waiting = 0;
        this.onChange({ kind: "gone", told: said.told });
        return false;
      }
      if (said.status === 409 && said.told.expected) {
        await this.renumber(client, kept, said.told.expected);
      } else if (said.status !== 200) {
        this.waiting = kept.length;
        this.failed(said);
        return false;
      } else {
        await this.store.drop(client, said.told.sequence);
        this.waiting = Math.max(0, kept.length - answers.length);
        this.tries = 0;
        this.onChange({ kind: "saved", told: said.told });
      }
    }
    return true;
  }

  /** Give what waits of a tab the numbers that the server wants next: what it lacks is not on this device any more. */
  async renumber(client, kept, expected) {
    await this.store.drop(client, Infinity);
    const anew = kept.filter((one) => one.client === client).map((one, n) => ({ ...one, sequence: expected + n }));
    for (const one of anew) await this.store.add(one);
    if (client === this.client) this.next = expected + anew.length;
  }

  failed(said) {
    const isLasting = [400, 401, 403, 404].includes(said.status);
    this.onChange({ kind: isLasting ? "refused" : "waiting", status: said.status, told: said.told });
    if (isLasting) return;
    this.timer = setTimeout(this.again, PATIENCE_MS[Math.min(this.tries, PATIENCE_MS.length - 1)]);
    this.tries += 1;
  }

  async post(what, body) {
    try {
      const answer = await fetch(`/forms/${this.form}/${what}`, {
        method: body ? "POST" : "GET",
        headers: { "x-locale": this.locale, ...(body ? { "content-type": "application/json" } : {}) },
        body: body && JSON.stringify(body),
        cache: "no-store",
        redirect: "manual",
      });
      return { status: answer.status, told: await answer.json() };
    } catch {
      return { status: 0, told: {} };
    }
  }
}
