'use strict';

// Runs scenarios one after the other and prints a line for each.

const LONGEST_REASON = 400;

class Report {
  constructor() {
    this.passed = 0;
    this.failed = 0;
  }

  async step(name, run) {
    try {
      await run();
      this.passed += 1;
      console.log(`ok   ${name}`);
    } catch (error) {
      this.failed += 1;
      const reason = error.message.replaceAll(/\s+/g, ' ').slice(0, LONGEST_REASON);
      console.log(`FAIL ${name}: ${reason}`);
    }
  }

  /** Prints the closing line; returns the exit code. */
  close() {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    return this.failed === 0 && this.passed > 0 ? 0 : 1;
  }
}

module.exports = { Report };
