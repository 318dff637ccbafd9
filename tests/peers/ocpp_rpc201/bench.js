'use strict';

// The moves that many scenarios share: what a driver does at the charging station, and the way
// back to an idle one between scenarios.

const assert = require('node:assert/strict');
const { NotThere } = require('../ocpp_rpc/report');
const { TOKENS } = require('./books');

/** What the scenarios rely on; set after every boot. */
const SETTINGS = [
  ['AuthCacheCtrlr', 'Enabled', 'true'],
  ['AuthCtrlr', 'AuthorizeRemoteStart', 'false'],
  ['AlignedDataCtrlr', 'Interval', '0'],
  ['AuthCtrlr', 'LocalPreAuthorize', 'false'],
  ['SampledDataCtrlr', 'TxUpdatedInterval', '1'],
  [
    'SampledDataCtrlr',
    'TxUpdatedMeasurands',
    'Energy.Active.Import.Register,Power.Active.Import',
  ],
  ['TxCtrlr', 'StopTxOnEVSideDisconnect', 'true'],
  ['TxCtrlr', 'StopTxOnInvalidId', 'true'],
];

const IDLE = { 1: 'Available', 2: 'Available' };

/** A component and one of its variables, as requests have them. */
function variable(component, name, attributeValue) {
  const value = attributeValue === undefined ? {} : { attributeValue };
  return { component: { name: component }, variable: { name }, ...value };
}

class Bench {
  #configuredBoot = 0;

  constructor({ system, books, point }) {
    this.system = system;
    this.books = books;
    this.point = point;
    /** False where the charging station has no variables yet. */
    this.hasVariables = true;
  }

  /** For what takes a reading a second, which is a setting. */
  needsReadings() {
    if (!this.hasVariables) throw new NotThere('TxUpdatedInterval cannot be set');
  }

  /** Asks for something that may not be there yet. */
  async ask(action, payload) {
    try {
      return await this.system.call(action, payload);
    } catch (error) {
      const code = error.rpcErrorCode;
      if (code !== 'NotImplemented' && code !== 'NotSupported') throw error;
      throw new NotThere(`${action}: ${code}`);
    }
  }

  /** The statuses of variables that are set. */
  async set(...settings) {
    const setVariableData = settings.map((setting) => variable(...setting));
    const answer = await this.ask('SetVariables', { setVariableData });
    return answer.setVariableResult.map(({ attributeStatus }) => attributeStatus);
  }

  /** The value of a variable. */
  async get(component, name) {
    const getVariableData = [variable(component, name)];
    const { getVariableResult } = await this.ask('GetVariables', { getVariableData });
    assert.equal(getVariableResult[0].attributeStatus, 'Accepted', `${component}.${name}`);
    return getVariableResult[0].attributeValue;
  }

  status(evseId, connectorStatus, after) {
    return this.books.until('StatusNotification', { evseId, connectorStatus }, { after });
  }

  /** Puts the cable in and waits until that is reported. */
  plug(evse) {
    const last = this.last();
    this.point.tell(`plug ${evse}`);
    return this.status(evse, 'Occupied', last);
  }

  unplug(evse) {
    const last = this.last();
    this.point.tell(`unplug ${evse}`);
    return this.status(evse, 'Available', last);
  }

  /** Waits until that transaction is told to be charging. */
  charging(transaction) {
    return this.books.untilEvent(transaction, ({ transactionInfo }) =>
      transactionInfo.chargingState === 'Charging');
  }

  /** Charges at that EVSE, cable first; returns the transaction. */
  async charge(evse, token = TOKENS.driver) {
    await this.plug(evse);
    const last = this.last();
    this.point.tell(`tag ${evse} ${token}`);
    const transaction = await this.books.untilStarted(evse, token, last);
    await this.charging(transaction);
    return transaction;
  }

  /** The end of that transaction, which must give that stoppedReason and triggerReason. */
  async stopped(transaction, reason, trigger) {
    const isEnd = ({ eventType }) => eventType === 'Ended';
    const { params } = await this.books.untilEvent(transaction, isEnd);
    // A station may leave out the stoppedReason "Local".
    assert.equal(params.transactionInfo.stoppedReason ?? 'Local', reason);
    assert.equal(params.triggerReason, trigger);
    return params;
  }

  /** Stops that session with its token and takes the cable out. */
  async finish(transaction, token = TOKENS.driver) {
    this.point.tell(`tag ${transaction.evse} ${token}`);
    const { idToken } = await this.stopped(transaction, 'Local', 'StopAuthorized');
    assert.equal(idToken.idToken, token);
    await this.unplug(transaction.evse);
    assert.deepEqual(transaction.faults(), []);
  }

  /** The next event of that transaction with that triggerReason. */
  update(transaction, reason, after) {
    return this.books.untilEvent(transaction, (event) => event.triggerReason === reason, after);
  }

  /**
   * Returns once everything the charging station wanted to say before now has been said, and what
   * it says to the commands so far.
   */
  async caughtUp() {
    await this.point.caughtUp();
    const last = this.last();
    const { status } = await this.system.call('TriggerMessage', { requestedMessage: 'Heartbeat' });
    assert.equal(status, 'Accepted');
    await this.books.until('Heartbeat', {}, { after: last });
  }

  /** A configured charging station without cables, transactions, unavailable connectors. */
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
      const statuses = await this.set(...SETTINGS).catch((error) => {
        if (!(error instanceof NotThere)) throw error;
        this.hasVariables = false;
        return [];
      });
      assert.ok(statuses.every((status) => status === 'Accepted'), `SetVariables: ${statuses}`);
      this.#configuredBoot = this.books.boots;
    }
  }

  #isIdle() {
    const { books, point } = this;
    return books.open.length === 0 && point.plugged.size === 0 &&
      Object.entries(IDLE).every(([n, status]) => books.statuses.get(Number(n)) === status);
  }

  async #reconnect() {
    const connections = this.system.connections.mark;
    this.point.tell('link up');
    await this.system.connection(connections);
    await this.caughtUp();
  }

  async #tidy() {
    for (const transaction of this.books.open) {
      await this.system.call('RequestStopTransaction', { transactionId: transaction.id });
      await this.books.untilEvent(transaction, ({ eventType }) => eventType === 'Ended');
    }
    for (const evse of this.point.plugged) this.point.tell(`unplug ${evse}`);
    await this.books.untilStatuses(IDLE, { within: 2000 });
  }

  /** After a scenario that went wrong: everything off and on again. */
  async #restart() {
    for (const command of ['unlock 1 ok', 'clear 0', 'clear 1', 'clear 2']) {
      this.point.tell(command);
    }
    for (const evse of this.point.plugged) this.point.tell(`unplug ${evse}`);
    await this.system.call('ChangeAvailability', { operationalStatus: 'Operative' });
    const connections = this.system.connections.mark;
    const last = this.last();
    await this.system.call('Reset', { type: 'Immediate' });
    await this.system.connection(connections);
    await this.books.until('BootNotification', {}, { after: last });
    await this.books.untilStatuses(IDLE);
    await this.caughtUp();
    for (const { id } of this.books.open) this.books.transactions.delete(id);
  }

  /** The latest entry of the books, for `after`. */
  last() {
    return { index: this.books.calls.mark - 1 };
  }
}

module.exports = { Bench, variable };
