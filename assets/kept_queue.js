// What was entered and has not reached the server yet, of forms and of readings: kept on this device, encrypted under a
// key that no script can read out. Signing out empties it.
const NAME = "portal-forms";

/** How long to wait before the next try, by how many there were. */
export const PATIENCE_MS = [2000, 4000, 8000, 15000, 30000];

const asked = (request) =>
  new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });

const opened = async () => {
  const request = indexedDB.open(NAME, 2);
  request.onupgradeneeded = ({ oldVersion }) => {
    if (oldVersion < 1) {
      request.result.createObjectStore("keys");
      request.result.createObjectStore("queue", { keyPath: ["form", "client", "sequence"] });
    }
    request.result.createObjectStore("files", { keyPath: ["form", "id"] });
  };
  const database = await asked(request);
  database.onversionchange = () => database.close(); // somebody signs out in another tab
  return database;
};

const inStore = async (database, name, mode, act) => {
  const transaction = database.transaction(name, mode);
  const ended = new Promise((done, fail) => {
    transaction.oncomplete = done;
    transaction.onabort = () => fail(transaction.error);
  });
  const result = await asked(act(transaction.objectStore(name)));
  await ended;
  return result;
};

const keyOf = async (database) => {
  const kept = await inStore(database, "keys", "readonly", (store) => store.get("key"));
  if (kept) return kept;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  try {
    await inStore(database, "keys", "readwrite", (store) => store.add(made, "key"));
  } catch {
    return inStore(database, "keys", "readonly", (store) => store.get("key")); // another tab was faster
  }
  return made;
};

/** A random id, also where the browser has no randomUUID because the address is not a secure one. */
export const uuid = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] % 16) + 64;
  bytes[8] = (bytes[8] % 64) + 128;
  const digits = [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
};

/** What waits, in this tab alone, where the browser lets nothing be kept. */
class Memory {
  constructor() {
    this.kept = [];
    this.files = new Map();
    this.at = "";
  }

  async keepPlace(at) {
    this.at = at;
  }

  async place() {
    return this.at;
  }

  async addFile(id, content) {
    this.files.set(id, content);
  }

  async file(id) {
    return this.files.get(id);
  }

  async dropFile(id) {
    this.files.delete(id);
  }

  async fileIds() {
    return [...this.files.keys()];
  }

  async add(entry) {
    const isSame = (one) => one.client === entry.client && one.sequence === entry.sequence;
    this.kept = [...this.kept.filter((one) => !isSame(one)), entry];
  }

  async all() {
    return [...this.kept];
  }

  async drop(client, sequence) {
    this.kept = this.kept.filter((one) => one.client !== client || one.sequence > sequence);
  }

  async forget() {
    this.kept = [];
    this.files.clear();
    this.at = "";
  }
}

/** The same, on this device. */
class Device {
  constructor(database, key, form) {
    Object.assign(this, { database, key, form });
  }

  async add(entry) {
    const { iv, closed } = await this.close(new TextEncoder().encode(JSON.stringify(entry)));
    const { client, sequence, at } = entry;
    await inStore(this.database, "queue", "readwrite", (store) =>
      store.put({ form: this.form, client, sequence, at, iv, closed }));
  }

  async close(plain) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    return { iv, closed: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, this.key, plain) };
  }

  async open({ iv, closed }) {
    return crypto.subtle.decrypt({ name: "AES-GCM", iv }, this.key, closed);
  }

  /** Keep where somebody is until the server knows it; "" forgets it. */
  async keepPlace(at) {
    const kept = at && (await this.close(new TextEncoder().encode(at)));
    await inStore(this.database, "keys", "readwrite", (store) =>
      kept ? store.put(kept, this.placeKey) : store.delete(this.placeKey));
  }

  async place() {
    const kept = await inStore(this.database, "keys", "readonly", (store) => store.get(this.placeKey));
    return kept ? new TextDecoder().decode(await this.open(kept)) : "";
  }

  get placeKey() {
    return `place ${this.form}`;
  }

  /** Keep a file until it has been sent; the answer that names it waits beside it. */
  async addFile(id, content) {
    const row = { form: this.form, id, ...(await this.close(await content.arrayBuffer())) };
    await inStore(this.database, "files", "readwrite", (store) => store.put(row));
  }

  async file(id) {
    const row = await inStore(this.database, "files", "readonly", (store) => store.get([this.form, id]));
    return row && new Blob([await this.open(row)]);
  }

  async dropFile(id) {
    await inStore(this.database, "files", "readwrite", (store) => store.delete([this.form, id]));
  }

  async fileIds() {
    const range = IDBKeyRange.bound([this.form], [this.form, []]);
    const keys = await inStore(this.database, "files", "readonly", (store) => store.getAllKeys(range));
    return keys.map(([, id]) => id);
  }

  async all() {
    const range = IDBKeyRange.bound([this.form], [this.form, []]);
    const rows = await inStore(this.database, "queue", "readonly", (store) => store.getAll(range));
    const open = async (row) => JSON.parse(new TextDecoder().decode(await this.open(row)));
    const kept = await Promise.all(rows.map(open));
    const begun = {};
    for (const { client, at } of kept) begun[client] = begun[client] && begun[client] < at ? begun[client] : at;
    const earlier = (one, other) => (begun[one.client] < begun[other.client] ? -1 : 1);
    return kept.sort((one, other) => (one.client === other.client ? one.sequence - other.sequence : earlier(one, other)));
  }

  async drop(client, sequence) {
    const range = IDBKeyRange.bound([this.form, client, 0], [this.form, client, sequence]);
    await inStore(this.database, "queue", "readwrite", (store) => store.delete(range));
  }

  async forget() {
    const range = IDBKeyRange.bound([this.form], [this.form, []]);
    for (const name of ["queue", "files"]) await inStore(this.database, name, "readwrite", (store) => store.delete(range));
    await this.keepPlace("");
  }
}

/** What waits under one name: a form, or the readings of a chart. */
export const storeOf = async (form) => {
  try {
    const database = await opened();
    return new Device(database, await keyOf(database), form);
  } catch {
    return new Memory();
  }
};

/** How much waits on this device, answers and files, and the name of the first of it. */
export const waitingAnswers = async () => {
  try {
    const database = await opened();
    const found = [];
    for (const name of ["queue", "files"]) found.push(...(await inStore(database, name, "readonly", (store) => store.getAllKeys())));
    database.close();
    return { count: found.length, form: found[0]?.[0] || "" };
  } catch {
    return { count: 0, form: "" };
  }
};

/** Leave nothing on this device. */
export const forgetAll = () =>
  new Promise((done) => {
    try {
      const request = indexedDB.deleteDatabase(NAME);
      request.onsuccess = done;
      request.onerror = done;
      request.onblocked = done;
    } catch {
      done();
    }
  });
