// What was typed into a page and not sent, kept while somebody proves themself again, and put back for the same person
// afterwards. It lies in this tab only, closed with a key that the server gives to that person alone and
// that no storage holds: whoever signs in next on this machine can neither see nor open it, and their page wipes it.

const KEPT = "typed:";
const TYPED =
  "textarea, input:not([type]), input:is([type=text], [type=search], [type=email], [type=tel], [type=url]," +
  " [type=number], [type=date], [type=time])";
const CHOSEN = "input:is([type=radio], [type=checkbox])";
const NEVER = "[autocomplete=one-time-code], [type=password], [data-not-kept]";

const bytesOfHex = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
const written = (bytes) => btoa(String.fromCharCode(...bytes));
const read = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
const here = () => window.location.pathname + window.location.search;

/** Return the fields one can type in, each under a name that it has again when the page is drawn anew. */
const fields = (withChoices) => {
  const found = new Map();
  if (withChoices) {
    for (const field of document.querySelectorAll(CHOSEN)) {
      if (field.name && !field.matches(NEVER)) found.set(`${field.name}=${field.value}`, field);
    }
  }
  for (const field of document.querySelectorAll(TYPED)) {
    const name = field.id || field.name;
    if (!name || field.matches(NEVER)) continue;
    let key = name;
    for (let number = 2; found.has(key); number += 1) key = `${name} ${number}`;
    found.set(key, field);
  }
  return found;
};

/** Put text into a field as if it were typed there, so that whatever listens to the field hears of it. */
const type = (field, text) => {
  const kind = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
  Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(field, text);
  field.dispatchEvent(new Event("input", { bubbles: true }));
};

/** Return what stands in a field, of a choice only whether it is made. */
const said = (field) => (field.matches(CHOSEN) ? (field.checked ? "yes" : "no") : field.value);

const put = (field, text) => {
  if (!field.matches(CHOSEN)) type(field, text);
  else if (said(field) !== text) field.click();
};

export class TypedText {
  /** @param {boolean} withChoices whether ticks are kept too; not where a tick is sent as soon as it is made */
  constructor({ withChoices = false } = {}) {
    this.withChoices = withChoices;
    this.at = here();
    this.touched = new Set();
    this.waiting = new Map();
    this.saved = "";
    this.note = (event) => {
      if (!event.isTrusted) return;
      for (const [name, field] of fields(withChoices)) {
        const isAmong = event.target.type === "radio" && field.type === "radio" && field.name === event.target.name;
        if (field === event.target || isAmong) this.touched.add(name);
      }
    };
    this.wipe = (event) => {
      if (event.target.getAttribute?.("action") === "/auth/sign-out") this.forget(() => true);
    };
    document.addEventListener("input", this.note, true);
    document.addEventListener("submit", this.wipe, true);
  }

  close() {
    document.removeEventListener("input", this.note, true);
    document.removeEventListener("submit", this.wipe, true);
  }

  /** Learn whose page this is: what another person left goes, what this one left here is put back. */
  async open(name, key) {
    if (this.key || !window.crypto?.subtle) return;
    this.key = await window.crypto.subtle.importKey("raw", bytesOfHex(key), "AES-GCM", false, ["encrypt", "decrypt"]);
    this.own = `${KEPT}${name}:`;
    const mine = this.own + this.at;
    this.forget((entry) => entry !== mine);
    const kept = sessionStorage.getItem(mine);
    if (!kept) return;
    try {
      const [iv, closed] = kept.split(".").map(read);
      const plain = await window.crypto.subtle.decrypt({ name: "AES-GCM", iv }, this.key, closed);
      this.waiting = new Map(Object.entries(JSON.parse(new TextDecoder().decode(plain))));
      this.saved = JSON.stringify(Object.fromEntries(this.waiting));
    } catch {
      sessionStorage.removeItem(mine);
    }
  }

  forget(isOver) {
    for (const entry of Object.keys(sessionStorage)) {
      if (entry.startsWith(KEPT) && isOver(entry)) sessionStorage.removeItem(entry);
    }
  }

  /** Forget what this page has kept, and keep no more. */
  drop() {
    this.key = null;
    this.forget((entry) => entry === this.own + this.at);
  }

  /** Put back what waits for a field that is there by now, and keep what has been typed. */
  async look() {
    if (this.at !== here()) {
      if (this.own) sessionStorage.removeItem(this.own + this.at);
      this.at = here();
      this.touched.clear();
      this.waiting.clear();
      this.saved = "";
    }
    if ("ready" in document.documentElement.dataset) {
      const found = fields(this.withChoices);
      for (const [name, text] of this.waiting) {
        const field = found.get(name);
        if (!field) continue;
        this.waiting.delete(name);
        if (!this.touched.has(name)) put(field, text);
        this.touched.add(name);
      }
    }
    await this.keep();
  }

  /** Close what stands in the fields somebody typed in, and what still waits for its field, into this tab. */
  async keep() {
    if (!this.key || !("ready" in document.documentElement.dataset)) return;
    const found = fields(this.withChoices);
    const typed = new Map(this.waiting);
    for (const name of this.touched) {
      const text = found.has(name) && said(found.get(name));
      if (text) typed.set(name, text);
    }
    const plain = JSON.stringify(Object.fromEntries(typed));
    if (plain === this.saved) return;
    this.saved = plain;
    const entry = this.own + this.at;
    if (!typed.size) {
      sessionStorage.removeItem(entry);
      return;
    }
    const iv = window.crypto.getRandomValues(new Uint8Array(12));
    const closed = await window.crypto.subtle.encrypt(
      { name: "AES-GCM", iv }, this.key, new TextEncoder().encode(plain),
    );
    if (this.key && this.at === entry.slice(this.own.length)) {
      sessionStorage.setItem(entry, `${written(iv)}.${written(new Uint8Array(closed))}`);
    }
  }
}
