'use strict';

// The charge-point binary: its command line, standard input, and the JSON lines it prints.

const { spawn } = require('node:child_process');
const readline = require('node:readline');
const { Journal } = require('./journal');

class ChargePoint {
  #child;

  constructor(binary, { csms, id, options = [] }) {
    this.events = new Journal('charge point');
    /** Connectors with a cable in them. */
    this.plugged = new Set();
    /** Lines on standard output that are not what --json promises. */
    this.strayLines = [];
    this.errorOutput = '';
    this.running = true;

    const args = ['--csms', csms, '--id', id, '--connectors', '2', '--json', ...options];
    this.#child = spawn(binary, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stdin.on('error', () => {});
    this.#child.stderr.on('data', (chunk) => { this.errorOutput += chunk; });
    readline.createInterface({ input: this.#child.stdout }).on('line', (line) => this.#read(line));
    this.exited = new Promise((resolve) => {
      this.#child.once('error', (error) => this.#ended(resolve, `not started: ${error.message}`));
      this.#child.once('exit', (code, signal) => this.#ended(resolve, code ?? signal));
    });
  }

  #ended(resolve, outcome) {
    this.running = false;
    this.outcome = outcome;
    resolve(outcome);
  }

  #read(line) {
    let entry;
    try {
      entry = JSON.parse(line);
    } catch {
      entry = null;
    }
    if (Number.isInteger(entry?.t) && typeof entry.event === 'string') this.events.add(entry);
    else this.strayLines.push(line);
  }

  /** One command line on standard input. */
  tell(command) {
    const [, verb, connector] = /^(plug|unplug) ([12])$/.exec(command) ?? [];
    if (verb === 'plug') this.plugged.add(connector);
    if (verb === 'unplug') this.plugged.delete(connector);
    this.#child.stdin.write(`${command}\n`);
  }

  /**
   * Returns once every command so far has been read, which matters when a request over the
   * websocket comes next. Commands are answered in their turn, and only the command `status`
   * tells `plugged`.
   */
  async caughtUp() {
    const since = this.events.mark;
    this.tell('status');
    await this.until('status', ({ connector, plugged }) =>
      connector === 2 && plugged !== undefined, { since });
  }

  /** The first event `name` at or after position `since` whose members match `where`. */
  until(name, where = {}, { since = 0, within } = {}) {
    const matches = (entry) => entry.event === name &&
      (typeof where === 'function'
        ? where(entry)
        : Object.entries(where).every(([member, value]) => entry[member] === value));
    return this.events.until(matches, { since, within, what: `${name} event` });
  }

  kill() {
    if (this.running) this.#child.kill('SIGKILL');
  }
}

module.exports = { ChargePoint };
