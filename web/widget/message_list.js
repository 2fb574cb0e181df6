/** The messages of a conversation, each once, in the order of their positions. */

/** A message of our own that the server has taken, before the server's form of it is known. */
const isLocal = ({ id }) => String(id).startsWith("local:");

/** Whether the server's form of a resident's message may be this one; masking changes the text, but not the place. */
const isSame = (message, local) =>
  message.text === local.text || (message.masked?.length && Math.abs(message.position - local.position) <= 1);

export class MessageList {
  constructor() {
    this.items = [];
  }

  /** The highest position that the server has given; null before the first. */
  get last() {
    const known = this.items.filter((item) => !isLocal(item)).map(({ position }) => position);
    return known.length ? Math.max(...known) : null;
  }

  /** Take a resident's own message, until the server tells its id. */
  addLocal(key, text, before) {
    const position = (before ?? (this.last ?? 0) + 1) - 0.5;
    this.items.push({ id: `local:${key}`, key: `own-${key}`, sender: "resident", text, masked: [], position });
    this.#sort();
  }

  /**
   * Take messages of the server.
   *
   * @param messages in any order; those that are known are replaced.
   * @param turns that wait for their answer: the server's form of one is tied to it and shown once.
   * @returns those that are new.
   */
  add(messages, turns = []) {
    const fresh = [];
    for (const message of messages) {
      const known = this.items.findIndex(({ id }) => id === message.id);
      const local = known < 0 && message.sender === "resident"
        ? this.items.findIndex((item) => isLocal(item) && isSame(message, item)) : -1;
      const place = known < 0 ? local : known;
      if (place >= 0) this.items[place] = { ...message, key: this.items[place].key };
      else {
        if (message.sender === "resident") this.#adopt(message, turns);
        this.items.push(message);
        fresh.push(message);
      }
    }
    this.#sort();
    return fresh;
  }

  /** Take all messages of the server in place of what was known; own ones that came after the question stay. */
  replace(messages, asked) {
    const ids = new Set(messages.map(({ id }) => id));
    this.items = this.items.filter((item) => ids.has(item.id) || isLocal(item));
    this.add(messages);
    this.items = this.items.filter((item) => !isLocal(item) || !asked.has(item));
  }

  #adopt(message, turns) {
    const sent = turns.filter((item) => item.status !== "queued" && !item.adopted);
    const turn = sent.find(({ title }) => message.masked?.length || title === message.text);
    if (turn) turn.adopted = message.id;
  }

  #sort() {
    this.items.sort((one, other) => one.position - other.position);
  }
}
