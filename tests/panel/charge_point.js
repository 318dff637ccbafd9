'use strict';

// The charge-point binary: with a panel, or as a central system.

const { spawn } = require('node:child_process');

class ChargePoint {
  #child;

  /** With the options behind `--panel`; gives the panel's URL, as the program tells it. */
  start(options) {
    return this.#run([...options, '--panel', '127.0.0.1:0'], /panel: (http:\S+)/);
  }

  /** A central system that accepts everything; gives its URL. */
  startCentralSystem() {
    return this.#run(['central-system', '--listen', '127.0.0.1:0'], /(ws:\S+)/);
  }

  #run(all, told) {
    this.#child = spawn(process.env.CHARGE_POINT, all, { stdio: ['pipe', 'pipe', 'pipe'] });
    return new Promise((resolve, reject) => {
      let said = '';
      const hear = (data) => {
        // A fleet goes on to print summaries.
        if (said.length > 100000) return;
        said += data;
        const url = told.exec(said);
        if (url) resolve(url[1]);
      };
      this.#child.stdout.on('data', hear);
      this.#child.stderr.on('data', hear);
      this.#child.on('exit', (code) => reject(new Error(`it has ended with ${code}: ${said}`)));
      this.#child.on('error', reject);
    });
  }

  kill() {
    this.#child?.removeAllListeners('exit');
    this.#child?.kill();
  }
}

module.exports = { ChargePoint };
