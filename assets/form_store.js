// The answers of a form on their way: sent in the order in which they were given, until the server says it has them.
import { isBreak, sendAll } from "./file_pieces.js";
import { PATIENCE_MS, storeOf, uuid } from "./kept_queue.js";

const MOST_AT_ONCE = 50;

/** Whether the server will never take a file; what it may take later, or from whoever signs in again, waits. */
export const isRefusal = (status) => status === 413 || status === 422;

// A tab holds the lock of each file it was given for as long as it lives: no answer names the file yet while it is sent.
const lockOf = (id) => `file ${id}`;
const hold = (id) =>
  navigator.locks && new Promise((held) => navigator.locks.request(lockOf(id), () => new Promise(() => held())));

/** The answers of one form on their way: `onChange` hears how it stands after each step. */
export class Sender {
  constructor(form, locale, onChange) {
    // A tab counts its own answers: two of them on one device are as two devices.
    Object.assign(this, { form, locale, onChange, client: uuid(), next: 1, waiting: 0, place: "", isMoved: false, tries: 0 });
    this.turn = Promise.resolve();
  }

  /** Open what is kept, and return what has not been sent, and where somebody was if the server does not know. */
  async start() {
    this.store = await storeOf(this.form);
    const kept = await this.store.all();
    const place = await this.store.place();
    this.waiting = kept.length;
    const named = new Set(kept.flatMap((one) => one.values).map((value) => value?.file));
    const locks = await navigator.locks?.query(); // where the browser has none, signing out takes what is left
    const held = locks?.held.map(({ name }) => name);
    for (const id of await this.store.fileIds()) {
      // The tab was left while it was sent: no answer will name it
      if (held && !named.has(id) && !held.includes(lockOf(id))) await this.store.dropFile(id);
    }
    this.again = () => this.flush();
    window.addEventListener("online", this.again);
    return { kept, place };
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
    this.move(key);
  }

  /** Keep what somebody is at now, so that they go on there wherever they open the form again. */
  move(place) {
    Object.assign(this, { place, isMoved: true });
    this.flush();
  }

  /** Keep a file on the device and try once to send it. Returns the server's last answer, status 0 without a line. */
  async attach(id, name, content, onPart) {
    await hold(id);
    await this.store.addFile(id, content);
    return this.sendFile({ file: id, name }, onPart);
  }

  /** Send a file that is still on the device; it goes from there once the server has it, or will never take it. */
  async sendFile({ file, name }, onPart = () => {}) {
    const content = await this.store.file(file);
    if (!content) return { status: 204 };
    const answer = await sendAll(`/forms/${this.form}/files`, { key: file, name, content, at: 0 }, this.locale, onPart, []);
    if (answer.status === 204 || isRefusal(answer.status)) await this.store.dropFile(file);
    return answer;
  }

  /** Take out of answers the files that a later answer of the same tab to the same question names no more. */
  async withoutRemoved(answers, kept) {
    for (const entry of answers.filter((one) => one.values.some((value) => value?.file))) {
      const newest = kept.findLast((one) => one.client === entry.client && one.key === entry.key);
      const named = newest.values.map((value) => value?.file);
      const removed = entry.values.filter((value) => value?.file && !named.includes(value.file));
      if (!removed.length) continue;
      entry.values = entry.values.filter((value) => !removed.includes(value));
      await this.store.add(entry);
      for (const { file } of removed) await this.store.dropFile(file);
    }
  }

  /** Send the files that answers name, before them. Returns what stands in the way, or nothing. */
  async sendFiles(answers) {
    for (const entry of answers) {
      for (const value of entry.values.filter((one) => one?.file)) {
        const answer = await this.sendFile(value);
        if (isBreak(answer.status) || answer.status === 429) return answer;
        if (isRefusal(answer.status)) {
          entry.values = entry.values.filter((one) => one !== value);
          await this.store.add(entry);
          this.onChange({ kind: "file", key: entry.key, file: value.file, answer });
        }
      }
    }
    return null;
  }

  /** Send what waits, one request at a time. Answers whether all of it has arrived. */
  flush() {
    clearTimeout(this.timer);
    this.turn = this.turn.then(() => this.sendAll());
    return this.turn;
  }

  async sendAll() {
    for (let kept = await this.store.all(); kept.length || this.isMoved; kept = await this.store.all()) {
      const [{ client }, { place }] = [kept[0] || this, this];
      if (this.isMoved) await this.store.keepPlace(place); // before the server hears of it: what is kept is never older
      const answers = kept.filter((one) => one.client === client).slice(0, MOST_AT_ONCE);
      await this.withoutRemoved(answers, kept);
      const blocked = await this.sendFiles(answers);
      if (blocked) {
        this.waiting = kept.length;
        this.failed({ status: blocked.status, told: {} });
        return false;
      }
      const said = await this.post("answers", { client, place, answers });
      if (said.status === 410) {
        await this.store.forget(); // the form was sent: nothing in it changes any more
        Object.assign(this, { waiting: 0, isMoved: false });
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
        if (place === this.place) await this.arrivedAt(place);
        if (answers.length) this.onChange({ kind: "saved", told: said.told });
      }
    }
    return true;
  }

  /** The server knows where somebody is: the device need not. */
  async arrivedAt(place) {
    await this.store.keepPlace("");
    if (place === this.place) this.isMoved = false;
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
