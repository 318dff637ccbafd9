'use strict';

// An append-only list that can be waited on. Entries carry their own position as `index`, so
// "after this one" is a number everywhere.

const DEFAULT_WITHIN_MS = 6000;

class Journal {
  #waiters = new Set();

  constructor(name) {
    this.name = name;
    this.entries = [];
  }

  /** The position the next entry will get. */
  get mark() {
    return this.entries.length;
  }

  add(entry) {
    entry.index = this.entries.length;
    this.entries.push(entry);
    for (const waiter of [...this.#waiters]) waiter(entry);
    return entry;
  }

  /** Every entry from position `since` on that matches. */
  since(since, matches = () => true) {
    return this.entries.slice(since).filter(matches);
  }

  /** The first entry from position `since` on that matches: one already here, or one to come. */
  until(matches, { since = 0, within = DEFAULT_WITHIN_MS, what = 'an entry' } = {}) {
    const [present] = this.since(since, matches);
    if (present) return Promise.resolve(present);
    return new Promise((resolve, reject) => {
      const waiter = (entry) => {
        if (!matches(entry)) return;
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve(entry);
      };
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(new Error(`${this.name}: no ${what} within ${within} ms`));
      }, within);
      this.#waiters.add(waiter);
    });
  }
}

module.exports = { Journal };
