'use strict';

const assert = require('node:assert/strict');
const { setTimeout: pause } = require('node:timers/promises');
const { TOKENS } = require('../books');

/** Long enough for a reading of the meter, which is read every second. */
const OFFLINE_MS = 1600;

module.exports = {
  topic: 'connection loss',
  scenarios: {
    'a session that ends offline is delivered in order, once': async (stage) => {
      const { bench, books, point, system } = stage;
      bench.needsReadings();
      const transaction = await bench.charge(1);
      await bench.update(transaction, 'MeterValuePeriodic');
      await bench.caughtUp();
      const connection = system.connections.entries.at(-1);
      const count = system.connections.mark;
      point.tell('link down');
      await connection.closed;
      await pause(OFFLINE_MS);
      const since = point.events.mark;
      point.tell(`tag 1 ${TOKENS.driver}`);
      await point.until('transaction', { connector: 1, state: 'stopped' }, { since });
      assert.deepEqual(books.told('Ended'), []);
      point.tell('link up');
      await system.connection(count);

      const ended = await bench.stopped(transaction, 'Local', 'StopAuthorized');
      assert.equal(ended.offline, true);
      await bench.caughtUp();
      assert.deepEqual(books.told('Ended'), [transaction.id]);
      assert.deepEqual(books.all('BootNotification'), []);
      assert.deepEqual(transaction.faults(), []);
      await bench.unplug(1);
    },
  },
};
