'use strict';

// Runs scenarios one after the other and prints a line for each.

const LONGEST_REASON = 400;

/** What a step is about is not there yet; the charge point says so. */
class NotThere extends Error {}

class Report {
  constructor() {
    this.passed = 0;
    this.failed = 0;
    this.skipped = 0;
  }

  /** `gap`: why it is known to fail; it counts as failed when it does not. */
  async step(name, run, gap) {
    try {
      await run();
    } catch (error) {
      if (error instanceof NotThere) this.#skip('skip', name, error.message);
      else if (gap) this.#skip('gap ', name, gap);
      else this.#fail(name, error.message.replaceAll(/\s+/g, ' ').slice(0, LONGEST_REASON));
      return;
    }
    if (gap) {
      this.#fail(name, 'it is no gap any more');
      return;
    }
    this.passed += 1;
    console.log(`ok   ${name}`);
  }

  #skip(word, name, why) {
    this.skipped += 1;
    console.log(`${word} ${name}: ${why}`);
  }

  #fail(name, why) {
    this.failed += 1;
    console.log(`FAIL ${name}: ${why}`);
  }

  /** Prints the closing line; returns the exit code. */
  close() {
    const skipped = this.skipped ? `, ${this.skipped} skipped` : '';
    console.log(`${this.passed} passed, ${this.failed} failed${skipped}`);
    return this.failed === 0 && this.passed > 0 ? 0 : 1;
  }
}

module.exports = { NotThere, Report };
