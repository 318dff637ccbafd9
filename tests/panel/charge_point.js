'use strict';

// The charge-point binary with a panel.

const { spawn } = require('node:child_process');

class ChargePoint {
  #child;

  /** With the options behind `--panel`; gives the panel's URL, as the program tells it. */
  start(options) {
    const all = [...options, '--panel', '127.0.0.1:0'];
    this.#child = spawn(process.env.CHARGE_POINT, all, { stdio: ['pipe', 'ignore', 'pipe'] });
    return new Promise((resolve, reject) => {
      let said = '';
      this.#child.stderr.on('data', (data) => {
        said += data;
        const url = /panel: (http:\S+)/.exec(said);
        if (url) resolve(url[1]);
      });
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
