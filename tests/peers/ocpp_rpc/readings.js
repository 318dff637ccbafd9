'use strict';

// Reading a MeterValue of the charge point.

const assert = require('node:assert/strict');

const REGISTER = 'Energy.Active.Import.Register';

/** The energy register in Wh; the measurand and unit default as the specification says. */
function registerWh({ sampledValue }) {
  const register = sampledValue.find(({ measurand = REGISTER, phase }) =>
    measurand === REGISTER && phase === undefined);
  assert.ok(register, `no ${REGISTER} among the sampled values`);
  const value = Number(register.value);
  assert.ok(Number.isFinite(value), `the register reads ${register.value}`);
  return register.unit === 'kWh' ? value * 1000 : value;
}

/** A timestamp in milliseconds; it must be UTC, with a Z. */
function utcMs(timestamp) {
  assert.match(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  return Date.parse(timestamp);
}

/** The contexts of all values in a MeterValue; "Sample.Periodic" is the default. */
function contexts({ sampledValue }) {
  return sampledValue.map(({ context = 'Sample.Periodic' }) => context);
}

/** Measurands of all values in a MeterValue, each with its phase if it has one. */
function names({ sampledValue }) {
  return sampledValue.map(({ measurand = REGISTER, phase }) =>
    (phase === undefined ? measurand : `${measurand} ${phase}`));
}

module.exports = { contexts, names, registerWh, utcMs };
