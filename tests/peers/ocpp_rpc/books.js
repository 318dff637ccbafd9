'use strict';

// What the central system knows (tags, transactions) and what it has been told (every CALL of
// the charge point, with the answer it got).

const { Journal } = require('./journal');

const TAGS = {
  driver: 'DRIVER-1',
  colleague: 'DRIVER-2',
  invalid: 'NEVER-SEEN',
  blocked: 'STOLEN',
  /** Authorize accepts it, StartTransaction does not. */
  refusedAtStart: 'TOO-LATE',
};

const HEARTBEAT_INTERVAL_S = 300;

function idTagInfo(idTag, starting) {
  if (idTag === TAGS.blocked) return { status: 'Blocked' };
  if (idTag === TAGS.invalid) return { status: 'Invalid' };
  if (idTag === TAGS.refusedAtStart && starting) return { status: 'Invalid' };
  return { status: 'Accepted' };
}

class Books {
  #nextTransaction = 4001;
  #answers = new Map();

  constructor() {
    this.calls = new Journal('central system');
    this.scenarioStart = 0;
    this.boots = 0;
    /** Connector -> the status it reported last. */
    this.statuses = new Map();
    /** Transactions started and not yet stopped: id -> connector. */
    this.open = new Map();
  }

  /** Enters a CALL and returns its answer; a resent CALL gets the answer of the first. */
  enter({ connection, id, action, params }) {
    const resent = this.#answers.has(id);
    const answer = resent ? this.#answers.get(id) : this.#answer(action, params);
    this.#answers.set(id, answer);
    this.calls.add({ connection, id, action, params, answer, resent });
    return answer;
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
        return { idTagInfo: idTagInfo(params.idTag, false) };
      case 'StartTransaction': {
        const transactionId = this.#nextTransaction++;
        this.open.set(transactionId, params.connectorId);
        return { transactionId, idTagInfo: idTagInfo(params.idTag, true) };
      }
      case 'StopTransaction':
        this.open.delete(params.transactionId);
        return params.idTag ? { idTagInfo: idTagInfo(params.idTag, false) } : {};
      case 'StatusNotification':
        this.statuses.set(params.connectorId, params.status);
        return {};
      case 'DataTransfer':
        return { status: 'Accepted', data: `got ${params.data ?? 'nothing'}` };
      case 'MeterValues':
      case 'FirmwareStatusNotification':
      case 'DiagnosticsStatusNotification':
      case 'LogStatusNotification':
      case 'SignedFirmwareStatusNotification':
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

  /** Waits until these connectors have these statuses: `{ 1: 'Available' }`. */
  async untilStatuses(wanted, { within } = {}) {
    const reached = () =>
      Object.entries(wanted).every(([n, status]) => this.statuses.get(Number(n)) === status);
    await this.calls.until(reached, { within, what: `statuses ${JSON.stringify(wanted)}` });
  }
}

function matcher(action, where) {
  const fits = typeof where === 'function'
    ? where
    : (params) => Object.entries(where).every(([name, value]) => params[name] === value);
  return (call) => call.action === action && fits(call.params);
}

module.exports = { Books, TAGS };
