'use strict';

const assert = require('node:assert/strict');
const { TAGS } = require('../books');
const { registerWh, utcMs } = require('../readings');

const METER_AT_PLUG_IN_WH = 5000;

/** Plugs in, charges through two meter readings, stops with the same tag, unplugs. */
async function sessionWithReadings({ bench, books, point }) {
  point.tell(`meter 1 ${METER_AT_PLUG_IN_WH}`);
  const { transactionId, ...start } = await bench.charge(1);
  point.tell('power 1 11000');
  const ofTransaction = (params) => params.transactionId === transactionId;
  const first = await books.until('MeterValues', ofTransaction, { after: start });
  await books.until('MeterValues', ofTransaction, { after: first });
  point.tell(`tag 1 ${TAGS.driver}`);
  const stop = await bench.stopped(transactionId, 'Local');
  const finishing = { connectorId: 1, status: 'Finishing' };
  await books.until('StatusNotification', finishing, { after: start });
  await bench.unplug(1);
  return { start, stop, transactionId };
}

module.exports = {
  topic: 'session',
  scenarios: {
    'plug first: Preparing, Charging, meter values, Finishing, Available': async (stage) => {
      const { bench, books, point } = stage;
      const since = point.events.mark;
      const { start, stop, transactionId } = await sessionWithReadings(stage);
      await bench.caughtUp();

      const [authorize] = books.all('Authorize');
      assert.equal(authorize.params.idTag, TAGS.driver);
      assert.ok(authorize.index < start.index, 'StartTransaction before Authorize');

      const statuses = books.all('StatusNotification', { connectorId: 1 });
      assert.deepEqual(
        statuses.map(({ params }) => params.status),
        ['Preparing', 'Charging', 'Finishing', 'Available'],
      );

      assert.equal(start.params.connectorId, 1);
      assert.equal(start.params.meterStart, METER_AT_PLUG_IN_WH);
      assert.equal(stop.params.idTag, TAGS.driver);
      assert.ok(stop.params.meterStop >= start.params.meterStart, 'meterStop below meterStart');
      assert.ok(utcMs(stop.params.timestamp) >= utcMs(start.params.timestamp));
      assert.equal(books.all('StartTransaction').length, 1);
      assert.equal(books.all('StopTransaction').length, 1);

      const readings = books.all('MeterValues', { connectorId: 1 });
      let register = start.params.meterStart;
      for (const { params } of readings) {
        assert.equal(params.transactionId, transactionId);
        for (const meterValue of params.meterValue) {
          const reading = registerWh(meterValue);
          assert.ok(reading >= register, `the register went from ${register} to ${reading} Wh`);
          register = reading;
        }
      }
      assert.ok(stop.params.meterStop >= register, 'meterStop below the last reading');

      await point.until('transaction', { connector: 1, transactionId }, { since });
      await point.until('transaction', { connector: 1, reason: 'Local' }, { since });
    },

    'tag first: Authorize, then the cable starts it': async ({ bench, books, point }) => {
      point.tell(`tag 1 ${TAGS.driver}`);
      const authorize = await books.until('Authorize', { idTag: TAGS.driver });
      await books.until('StatusNotification', { connectorId: 1, status: 'Preparing' });
      assert.deepEqual(books.all('StartTransaction'), []);
      point.tell('plug 1');
      const start = await books.until(
        'StartTransaction',
        { connectorId: 1, idTag: TAGS.driver },
        { after: authorize },
      );
      await books.until('StatusNotification', { connectorId: 1, status: 'Charging' });
      point.tell(`tag 1 ${TAGS.driver}`);
      const stop = await bench.stopped(start.answer.transactionId, 'Local');
      assert.equal(stop.params.idTag, TAGS.driver);
      await bench.unplug(1);
    },

    'unplugging at the vehicle ends it: EVDisconnected': async ({ bench }) => {
      const { transactionId, params } = await bench.charge(1);
      await bench.unplug(1);
      const stop = await bench.stopped(transactionId, 'EVDisconnected');
      assert.equal(stop.params.idTag, undefined);
      assert.ok(stop.params.meterStop >= params.meterStart);
    },

    'two connectors charge at the same time': async ({ bench, books, point }) => {
      const one = await bench.charge(1, TAGS.driver);
      const two = await bench.charge(2, TAGS.colleague);
      assert.notEqual(one.transactionId, two.transactionId);
      point.tell(`tag 2 ${TAGS.colleague}`);
      await bench.stopped(two.transactionId, 'Local');
      assert.deepEqual(books.all('StopTransaction', { transactionId: one.transactionId }), []);
      point.tell(`tag 1 ${TAGS.driver}`);
      await bench.stopped(one.transactionId, 'Local');
      await bench.unplug(1);
      await bench.unplug(2);
    },
  },
};
