'use strict';

// What the CSMS knows (idTokens) and what it has been told (every CALL of the charging station,
// with the answer it got).

const assert = require('node:assert/strict');
const { Journal } = require('../ocpp_rpc/journal');
const { Transaction } = require('./transaction');

const TOKENS = {
  driver: 'DRIVER-1',
  colleague: 'DRIVER-2',
  blocked: 'STOLEN',
  /** Authorize accepts it, the answer to its TransactionEvent does not. */
  refusedAtStart: 'TOO-LATE',
};

const HEARTBEAT_INTERVAL_S = 300;

function idTokenInfo({ idToken }, starting) {
  if (idToken === TOKENS.blocked) return { status: 'Blocked' };
  if (idToken === TOKENS.refusedAtStart && starting) return { status: 'Unknown' };
  return { status: 'Accepted' };
}

class Books {
  #answers = new Map();

  constructor() {
    this.calls = new Journal('CSMS');
    this.scenarioStart = 0;
    this.boots = 0;
    /** EVSE -> the status that its connector reported last. */
    this.statuses = new Map();
    /** Every transaction, by its id. */
    this.transactions = new Map();
  }

  /** The transactions that have not ended. */
  get open() {
    return [...this.transactions.values()].filter(({ ended }) => !ended);
  }

  /** Enters a CALL and returns its answer; a resent CALL gets the answer of the first. */
  enter({ connection, id, action, params }) {
    const resent = this.#answers.has(id);
    const answer = resent ? this.#answers.get(id) : this.#answer(action, params);
    this.#answers.set(id, answer);
    const entry = { connection, id, action, params, answer, resent };
    if (action === 'TransactionEvent' && !resent) this.#book(entry);
    this.calls.add(entry);
    return answer;
  }

  #book(entry) {
    const { transactionId } = entry.params.transactionInfo;
    if (!this.transactions.has(transactionId)) {
      this.transactions.set(transactionId, new Transaction(transactionId));
    }
    this.transactions.get(transactionId).events.push(entry);
  }

  #answer(action, params) {
    const currentTime = new Date().toISOString();
    switch (action) {
      case 'BootNotification':
        this.boots += 1;
        return { status: 'Accepted', currentTime, interval: HEARTBEAT_INTERVAL_S };
      case 'Heartbeat':
        return { currentTime };
      case 'Authorize':
        return { idTokenInfo: idTokenInfo(params.idToken, false) };
      case 'TransactionEvent': {
        const { idToken, eventType } = params;
        return idToken ? { idTokenInfo: idTokenInfo(idToken, eventType !== 'Ended') } : {};
      }
      case 'StatusNotification':
        assert.equal(params.connectorId, 1, 'an EVSE has one connector');
        this.statuses.set(params.evseId, params.connectorStatus);
        return {};
      case 'DataTransfer':
        return { status: 'Accepted', data: { got: params.data ?? null } };
      case 'MeterValues':
      case 'NotifyReport':
      case 'NotifyEvent':
      case 'SecurityEventNotification':
        return {};
      default:
        throw new Error(`no answer to ${action} in the books`);
    }
  }

  /** From here on `until` and `all` look at a new scenario only. */
  startScenario() {
    this.scenarioStart = this.calls.mark;
  }

  /**
   * The first `action` of this scenario (or after the entry `after`) whose parameters match
   * `where`: an object of parameters, or a function of them.
   */
  until(action, where = {}, { after, within } = {}) {
    return this.calls.until(matcher(action, where), {
      since: after ? after.index + 1 : this.scenarioStart,
      within,
      what: `${action} ${typeof where === 'function' ? where : JSON.stringify(where)}`,
    });
  }

  /** Every such CALL of this scenario so far, resent ones included. */
  all(action, where = {}) {
    return this.calls.since(this.scenarioStart, matcher(action, where));
  }

  /** The transaction that begins at that EVSE for that token. */
  async untilStarted(evse, token, after) {
    const starts = (params) => params.eventType === 'Started' && params.evse?.id === evse &&
      params.idToken?.idToken === token;
    const { params } = await this.until('TransactionEvent', starts, { after });
    return this.transactions.get(params.transactionInfo.transactionId);
  }

  /** The first event of that transaction that matches. */
  untilEvent({ id }, matches, after = { index: -1 }) {
    const fits = (params) => params.transactionInfo.transactionId === id && matches(params);
    return this.until('TransactionEvent', fits, { after });
  }

  /** Ids of the transactions that this scenario began, or ended: twice what was told twice. */
  told(eventType) {
    return this.all('TransactionEvent', { eventType })
      .map(({ params }) => params.transactionInfo.transactionId);
  }

  /** Waits until the connectors of these EVSEs have these statuses: `{ 1: 'Available' }`. */
  async untilStatuses(wanted, { within } = {}) {
    const reached = () =>
      Object.entries(wanted).every(([n, status]) => this.statuses.get(Number(n)) === status);
    if (reached()) return;
    const what = `statuses ${JSON.stringify(wanted)}`;
    await this.calls.until(reached, { since: this.calls.mark, within, what });
  }
}

function matcher(action, where) {
  const fits = typeof where === 'function'
    ? where
    : (params) => Object.entries(where).every(([name, value]) => params[name] === value);
  return (call) => call.action === action && fits(call.params);
}

module.exports = { Books, TOKENS };
