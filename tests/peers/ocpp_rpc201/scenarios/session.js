'use strict';

const assert = require('node:assert/strict');
const { TOKENS } = require('../books');
const { registerWh } = require('../transaction');

const METER_AT_PLUG_IN_WH = 5000;

module.exports = {
  topic: 'session',
  scenarios: {
    'plug first: Occupied, Started, Updated, Ended, Available': async (stage) => {
      const { bench, books, point } = stage;
      bench.needsReadings();
      point.tell(`meter 1 ${METER_AT_PLUG_IN_WH}`);
      const transaction = await bench.charge(1);
      point.tell('power 1 11000');
      const first = await bench.update(transaction, 'MeterValuePeriodic');
      await bench.update(transaction, 'MeterValuePeriodic', first);
      await bench.finish(transaction);
      await bench.caughtUp();

      const { params } = transaction.start;
      assert.equal(params.triggerReason, 'Authorized');
      assert.deepEqual(params.evse, { id: 1, connectorId: 1 });
      assert.equal(registerWh(params.meterValue[0]), METER_AT_PLUG_IN_WH);
      const end = registerWh(transaction.ended.params.meterValue.at(-1));
      assert.ok(end > METER_AT_PLUG_IN_WH, 'nothing was charged');
      const statuses = books.all('StatusNotification', { evseId: 1 });
      assert.deepEqual(
        statuses.map((entry) => entry.params.connectorStatus),
        ['Occupied', 'Available'],
      );
      assert.deepEqual(books.told('Started'), [transaction.id]);
      assert.deepEqual(books.told('Ended'), [transaction.id]);
    },

    'token first: the cable starts it': async ({ bench, books, point }) => {
      point.tell(`tag 1 ${TOKENS.driver}`);
      await books.until('Authorize');
      await bench.caughtUp();
      point.tell('plug 1');
      const transaction = await books.untilStarted(1, TOKENS.driver);
      assert.equal(transaction.start.params.triggerReason, 'CablePluggedIn');
      await bench.charging(transaction);
      await bench.finish(transaction);
    },

    'unplugging at the vehicle ends it: EVDisconnected': async ({ bench }) => {
      const transaction = await bench.charge(1);
      await bench.unplug(1);
      await bench.stopped(transaction, 'EVDisconnected', 'EVCommunicationLost');
      assert.deepEqual(transaction.faults(), []);
    },

    'a Blocked token starts nothing': async ({ bench, books, point }) => {
      await bench.plug(1);
      point.tell(`tag 1 ${TOKENS.blocked}`);
      await books.until('Authorize');
      await bench.caughtUp();
      assert.deepEqual(books.told('Started'), []);
      await bench.unplug(1);
    },

    'a token refused by the answer to Started is stopped': async ({ bench, books, point }) => {
      await bench.plug(1);
      point.tell(`tag 1 ${TOKENS.refusedAtStart}`);
      const transaction = await books.untilStarted(1, TOKENS.refusedAtStart);
      await bench.stopped(transaction, 'DeAuthorized', 'Deauthorized');
      await bench.unplug(1);
    },

    'two EVSEs charge at the same time': async ({ bench, books }) => {
      const one = await bench.charge(1, TOKENS.driver);
      const two = await bench.charge(2, TOKENS.colleague);
      assert.notEqual(one.id, two.id);
      await bench.finish(two, TOKENS.colleague);
      assert.deepEqual(books.told('Ended'), [two.id]);
      await bench.finish(one);
    },
  },
};
