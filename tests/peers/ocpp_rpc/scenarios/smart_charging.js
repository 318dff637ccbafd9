'use strict';

const assert = require('node:assert/strict');

const HOUR_MS = 3600e3;

/** A TxDefaultProfile that began an hour ago. */
function profile(changes = {}, schedule = {}) {
  return {
    chargingProfileId: 1,
    stackLevel: 0,
    chargingProfilePurpose: 'TxDefaultProfile',
    chargingProfileKind: 'Absolute',
    ...changes,
    chargingSchedule: {
      startSchedule: new Date(Date.now() - HOUR_MS).toISOString(),
      chargingRateUnit: 'A',
      chargingSchedulePeriod: [{ startPeriod: 0, limit: 10 }],
      ...schedule,
    },
  };
}

const periods = (...list) => ({
  chargingSchedulePeriod: list.map(([startPeriod, limit]) => ({ startPeriod, limit })),
});

async function set({ system }, connectorId, csChargingProfiles) {
  const { status } = await system.call('SetChargingProfile', { connectorId, csChargingProfiles });
  return status;
}

async function clear({ system }, filter = {}) {
  const { status } = await system.call('ClearChargingProfile', filter);
  return status;
}

async function composite({ system }, connectorId, duration, chargingRateUnit) {
  const request = { connectorId, duration, chargingRateUnit };
  const answer = await system.call('GetCompositeSchedule', request);
  assert.equal(answer.status, 'Accepted');
  assert.equal(answer.connectorId, connectorId);
  assert.equal(answer.chargingSchedule.duration, duration);
  assert.equal(answer.chargingSchedule.chargingRateUnit, chargingRateUnit);
  return answer.chargingSchedule.chargingSchedulePeriod.map((it) => [it.startPeriod, it.limit]);
}

/** Each is rejected; afterwards there is none. */
function rejected(profiles) {
  return async (stage) => {
    for (const [what, connector, bad] of profiles) {
      assert.equal(await set(stage, connector, bad), 'Rejected', what);
    }
    assert.equal(await clear(stage), 'Unknown');
  };
}

const { startSchedule, ...withoutStart } = profile().chargingSchedule;

module.exports = {
  topic: 'smart charging',
  scenarios: {
    'the keys say what can be asked for': async ({ system }) => {
      const key = [
        'ChargeProfileMaxStackLevel',
        'ChargingScheduleAllowedChargingRateUnit',
        'ChargingScheduleMaxPeriods',
        'ConnectorSwitch3to1PhaseSupported',
        'MaxChargingProfilesInstalled',
      ];
      const { configurationKey, unknownKey = [] } = await system.call('GetConfiguration', { key });
      assert.deepEqual(unknownKey, []);
      assert.equal(configurationKey.length, key.length);
      assert.ok(configurationKey.every((it) => it.readonly));
      const units = configurationKey.find((it) => it.key === key[1]).value;
      assert.deepEqual(units.split(',').sort(), ['Current', 'Power']);
    },

    'a default is set, told, replaced and cleared': async (stage) => {
      assert.deepEqual(await composite(stage, 1, 600, 'A'), [[0, 32]]);
      assert.equal(await set(stage, 0, profile()), 'Accepted');
      assert.deepEqual(await composite(stage, 1, 600, 'A'), [[0, 10]]);
      assert.equal(await set(stage, 0, profile({}, periods([0, 16], [7200, 8.5]))), 'Accepted');
      const told = await composite(stage, 2, 2 * 3600, 'A');
      assert.equal(told.length, 2);
      assert.deepEqual(told.map((it) => it[1]), [16, 8.5]);
      assert.ok(Math.abs(told[1][0] - 3600) <= 2, `the second begins at ${told[1][0]}`);
      assert.deepEqual(await composite(stage, 1, 60, 'W'), [[0, 16 * 690]]);
      assert.equal(await clear(stage, { id: 2 }), 'Unknown');
      assert.equal(await clear(stage, { id: 1 }), 'Accepted');
      assert.deepEqual(await composite(stage, 1, 600, 'A'), [[0, 32]]);
    },

    'kinds and purposes together': async (stage) => {
      const max = { chargingProfileId: 2, chargingProfilePurpose: 'ChargePointMaxProfile' };
      assert.equal(await set(stage, 0, profile(max, periods([0, 20]))), 'Accepted');
      const daily = { chargingProfileId: 3, chargingProfileKind: 'Recurring', recurrencyKind: 'Daily' };
      assert.equal(await set(stage, 1, profile(daily, { duration: 86400 })), 'Accepted');
      const relative = { chargingProfileId: 4, stackLevel: 1, chargingProfileKind: 'Relative' };
      const short = { ...withoutStart, ...periods([0, 12]), duration: 60 };
      const top = { ...profile(relative), chargingSchedule: short };
      assert.equal(await set(stage, 1, top), 'Accepted');
      assert.deepEqual(await composite(stage, 1, 120, 'A'), [[0, 12], [60, 10]]);
      assert.deepEqual(await composite(stage, 0, 60, 'A'), [[0, 20]]);
      assert.equal(await clear(stage, { chargingProfilePurpose: 'TxDefaultProfile' }), 'Accepted');
      assert.deepEqual(await composite(stage, 1, 120, 'A'), [[0, 20]]);
      assert.equal(await clear(stage, { connectorId: 0, stackLevel: 0 }), 'Accepted');
      assert.equal(await clear(stage), 'Unknown');
    },

    'a transaction pauses, goes on, and takes its profile with it': async (stage) => {
      const { bench, books, point } = stage;
      const start = await bench.charge(1);
      const { transactionId } = start;
      const tx = { chargingProfilePurpose: 'TxProfile', transactionId };
      assert.equal(await set(stage, 1, profile(tx, periods([0, 0]))), 'Accepted');
      const paused = { connectorId: 1, status: 'SuspendedEVSE' };
      const suspended = await books.until('StatusNotification', paused, { after: start });
      assert.equal(await set(stage, 1, profile(tx, periods([0, 6]))), 'Accepted');
      const charging = { connectorId: 1, status: 'Charging' };
      await books.until('StatusNotification', charging, { after: suspended });
      assert.deepEqual(await composite(stage, 1, 60, 'A'), [[0, 6]]);
      const other = { ...tx, transactionId: transactionId + 1 };
      assert.equal(await set(stage, 1, profile(other)), 'Rejected');
      point.tell(`tag 1 ${start.params.idTag}`);
      await bench.stopped(transactionId, 'Local');
      await bench.unplug(1);
      assert.equal(await clear(stage), 'Unknown');
    },

    'what cannot be is rejected': rejected([
      ['no transaction', 1, profile({ chargingProfilePurpose: 'TxProfile' })],
      ['a whole that is not on 0', 1, profile({ chargingProfilePurpose: 'ChargePointMaxProfile' })],
      ['a level too high', 0, profile({ stackLevel: 1000 })],
      ['a level too low', 0, profile({ stackLevel: -1 })],
      ['a late beginning', 0, profile({}, periods([1, 10]))],
      ['no order', 0, profile({}, periods([0, 10], [60, 8], [60, 6]))],
      ['too many periods', 0, profile({}, periods(...Array.from({ length: 1025 }, (_, n) => [n, 8])))],
      ['Absolute without a start', 0, { ...profile(), chargingSchedule: withoutStart }],
      ['Recurring without a kind', 0, profile({ chargingProfileKind: 'Recurring' })],
      ['a kind without Recurring', 0, profile({ recurrencyKind: 'Weekly' })],
      ['a negative limit', 0, profile({}, periods([0, -1]))],
      ['the end before the beginning', 0, profile({
        validFrom: '2026-02-01T00:00:00Z', validTo: '2026-01-01T00:00:00Z',
      })],
    ]),

    'an unknown connector is an error, or Rejected': async ({ system }) => {
      const request = { connectorId: 9, csChargingProfiles: profile() };
      assert.equal(await system.refusal('SetChargingProfile', request), 'PropertyConstraintViolation');
      const { status } = await system.call('GetCompositeSchedule', { connectorId: 9, duration: 60 });
      assert.equal(status, 'Rejected');
    },

    'malformed ones are errors': async (stage) => {
      const { system } = stage;
      for (const [code, action, payload] of [
        ['PropertyConstraintViolation', 'SetChargingProfile',
          { connectorId: 1, csChargingProfiles: profile({}, { chargingRateUnit: 'kW' }) }],
        ['TypeConstraintViolation', 'SetChargingProfile',
          { connectorId: 1, csChargingProfiles: profile({}, periods([0, 10], [60, 'six'])) }],
        ['ProtocolError', 'SetChargingProfile', { connectorId: 1 }],
        ['PropertyConstraintViolation', 'GetCompositeSchedule',
          { connectorId: 1, duration: 60, chargingRateUnit: 'V' }],
        ['ProtocolError', 'GetCompositeSchedule', { connectorId: 1 }],
        ['PropertyConstraintViolation', 'ClearChargingProfile', { chargingProfilePurpose: 'Any' }],
      ]) {
        assert.equal(await system.malformedCall(action, payload), code, JSON.stringify(payload));
      }
      assert.equal(await clear(stage), 'Unknown');
    },
  },
};
