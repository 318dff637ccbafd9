'use strict';

// A transaction as its TransactionEvents tell it, and the rules that they keep.

const ID_MAX = 36;
const REGISTER = 'Energy.Active.Import.Register';

/** Why a transaction begins. */
const STARTS = ['Authorized', 'CablePluggedIn', 'RemoteStart'];

/** The contexts of what an event brings, by its triggerReason. */
const CONTEXTS = {
  MeterValuePeriodic: 'Sample.Periodic',
  MeterValueClock: 'Sample.Clock',
  Trigger: 'Trigger',
};

/** The contexts of all values in a MeterValue; "Sample.Periodic" is the default. */
function contexts({ sampledValue }) {
  return new Set(sampledValue.map(({ context = 'Sample.Periodic' }) => context));
}

function isOf(meterValue, context) {
  const [first, ...others] = contexts(meterValue);
  return first === context && others.length === 0;
}

/** What the energy register says in a MeterValue, in Wh; undefined when it does not. */
function registerWh({ sampledValue }) {
  const register = sampledValue.find(({ measurand = REGISTER, phase }) =>
    measurand === REGISTER && phase === undefined);
  if (!register) return undefined;
  const { unit = 'Wh', multiplier = 0 } = register.unitOfMeasure ?? {};
  return register.value * 10 ** multiplier * (unit === 'kWh' ? 1000 : 1);
}

class Transaction {
  constructor(id) {
    this.id = id;
    /** The entries of its TransactionEvents in the order in which they came, each once. */
    this.events = [];
  }

  get start() {
    return this.events[0];
  }

  /** The entry of its end. */
  get ended() {
    return this.events.find(({ params }) => params.eventType === 'Ended');
  }

  get evse() {
    return this.start.params.evse.id;
  }

  /** Every rule that it breaks, one line for each. */
  faults() {
    const faults = [];
    const check = (holds, fault) => { if (!holds) faults.push(`${this.id}: ${fault}`); };
    const all = this.events.map(({ params }) => params);
    const first = all[0];
    const last = all.at(-1);

    check(this.id.length > 0 && this.id.length <= ID_MAX, 'its id');
    const numbers = all.map(({ seqNo }) => seqNo);
    check(numbers.every((number, i) => number === i), `seqNos ${numbers}`);
    const kinds = all.map(({ eventType }) => eventType);
    check(kinds[0] === 'Started' && kinds.at(-1) === 'Ended', `eventTypes ${kinds}`);
    check(kinds.slice(1, -1).every((kind) => kind === 'Updated'), `eventTypes ${kinds}`);
    const times = all.map(({ timestamp }) => timestamp);
    check(times.every((time) => time.endsWith('Z')), 'its time is not UTC');
    check(times.every((time, i) => i === 0 || Date.parse(times[i - 1]) <= Date.parse(time)),
      'its time goes back');

    check(STARTS.includes(first.triggerReason), `it begins with ${first.triggerReason}`);
    check(first.evse?.connectorId === 1, 'it begins without a connector');
    check(first.idToken?.idToken, 'it begins without an idToken');
    const begin = first.meterValue ?? [];
    check(begin.length === 1 && isOf(begin[0], 'Transaction.Begin'), 'meterValue of the start');
    for (const { eventType, triggerReason, meterValue = [], idToken, seqNo } of all) {
      const context = CONTEXTS[triggerReason];
      if (eventType !== 'Updated') continue;
      check(!idToken, `event ${seqNo}: an idToken that is known`);
      if (context) check(meterValue.every((value) => isOf(value, context)), `event ${seqNo}`);
    }
    if (this.ended) {
      const end = (last.meterValue ?? []).at(-1);
      check(end && isOf(end, 'Transaction.End'), 'meterValue of the end');
      check(last.triggerReason === 'StopAuthorized' || !last.idToken, 'idToken of the end');
    }

    const told = all.slice(0, -1).flatMap(({ meterValue = [] }) => meterValue).map(registerWh)
      .filter((wh) => wh !== undefined);
    const end = registerWh((last.meterValue ?? begin).at(-1));
    const registers = [...told, end];
    check(registers.every((wh, i) => i === 0 || registers[i - 1] <= wh), `registers ${registers}`);
    return faults;
  }
}

module.exports = { Transaction, contexts, isOf, registerWh };
