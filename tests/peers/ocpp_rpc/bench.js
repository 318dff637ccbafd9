'use strict';

// The moves that many scenarios share: what a driver does at the charge point, and the way back
// to an idle charge point between scenarios.

const assert = require('node:assert/strict');
const { TAGS } = require('./books');

/** What the scenarios rely on; set after every boot. */
const CONFIGURATION = {
  AuthorizeRemoteTxRequests: 'false',
  ClockAlignedDataInterval: '0',
  LocalPreAuthorize: 'false',
  MeterValueSampleInterval: '1',
  MeterValuesSampledData: 'Energy.Active.Import.Register,Power.Active.Import',
  MinimumStatusDuration: '0',
  StopTransactionOnEVSideDisconnect: 'true',
  StopTransactionOnInvalidId: 'true',
};

const IDLE = { 1: 'Available', 2: 'Available' };

class Bench {
  #configuredBoot = 0;

  constructor({ system, books, point }) {
    this.system = system;
    this.books = books;
    this.point = point;
  }

  async set(key, value) {
    const { status } = await this.system.call('ChangeConfiguration', { key, value });
    assert.equal(status, 'Accepted', `ChangeConfiguration ${key}=${value}`);
  }

  /** Puts the cable into connector `n` and waits until that is reported. */
  async plug(n) {
    const since = this.#last();
    this.point.tell(`plug ${n}`);
    return this.books.until('StatusNotification', { connectorId: n, status: 'Preparing' }, since);
  }

  async unplug(n) {
    const since = this.#last();
    this.point.tell(`unplug ${n}`);
    return this.books.until('StatusNotification', { connectorId: n, status: 'Available' }, since);
  }

  /** Charges at connector `n`, cable first; returns the entry of the StartTransaction. */
  async charge(n, idTag = TAGS.driver) {
    await this.plug(n);
    const since = this.#last();
    this.point.tell(`tag ${n} ${idTag}`);
    const start = await this.books.until('StartTransaction', { connectorId: n, idTag }, since);
    await this.books.until('StatusNotification', { connectorId: n, status: 'Charging' }, since);
    return { ...start, transactionId: start.answer.transactionId };
  }

  /** The StopTransaction of `transactionId`, which must give `reason`. */
  async stopped(transactionId, reason) {
    const stop = await this.books.until('StopTransaction', { transactionId });
    // The specification lets a station leave out the reason "Local".
    assert.equal(stop.params.reason ?? 'Local', reason);
    return stop;
  }

  /**
   * Returns once everything the charge point wanted to say before now has been said, and what it
   * says to the commands so far.
   */
  async caughtUp() {
    await this.point.caughtUp();
    const since = this.#last();
    const { status } = await this.system.call('TriggerMessage', { requestedMessage: 'Heartbeat' });
    assert.equal(status, 'Accepted');
    await this.books.until('Heartbeat', {}, since);
  }

  /** A configured charge point without cables, transactions and unavailable connectors. */
  async idle() {
    if (!this.system.connected) await this.#reconnect();
    if (!this.#isIdle()) {
      try {
        await this.#tidy();
      } catch {
        await this.#restart();
      }
    }
    if (this.#configuredBoot !== this.books.boots) {
      for (const [key, value] of Object.entries(CONFIGURATION)) await this.set(key, value);
      this.#configuredBoot = this.books.boots;
    }
  }

  #isIdle() {
    const { books, point } = this;
    return books.open.size === 0 && point.plugged.size === 0 &&
      Object.entries(IDLE).every(([n, status]) => books.statuses.get(Number(n)) === status);
  }

  async #reconnect() {
    const connections = this.system.connections.mark;
    this.point.tell('link up');
    await this.system.connection(connections);
    await this.caughtUp();
  }

  async #tidy() {
    for (const transactionId of this.books.open.keys()) {
      const since = this.#last();
      await this.system.call('RemoteStopTransaction', { transactionId });
      await this.books.until('StopTransaction', { transactionId }, since);
    }
    for (const connector of this.point.plugged) this.point.tell(`unplug ${connector}`);
    await this.books.untilStatuses(IDLE, { within: 2000 });
  }

  /** After a scenario that went wrong: everything off and on again. */
  async #restart() {
    this.point.tell('unlock 1 ok');
    await this.system.call('ChangeAvailability', { connectorId: 0, type: 'Operative' });
    const count = this.system.connections.mark;
    await this.system.call('Reset', { type: 'Hard' });
    await this.system.connection(count);
    await this.books.untilStatuses(IDLE);
    await this.caughtUp();
    this.books.open.clear();
  }

  #last() {
    return { after: { index: this.books.calls.mark - 1 } };
  }
}

module.exports = { Bench, CONFIGURATION };
