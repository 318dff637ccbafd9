'use strict';

const assert = require('node:assert/strict');

/** Resets; resolves to the number of the connection that follows. */
async function reset({ system }, type) {
  const count = system.connections.mark;
  const { status } = await system.call('Reset', { type });
  assert.equal(status, 'Accepted');
  const connection = await system.connection(count);
  return connection.index;
}

/** The charge point introduces itself on that connection before it says anything else. */
async function boots({ books }, connection) {
  const isOnIt = (call) => call.connection === connection;
  const first = await books.calls.until(isOnIt, { since: books.scenarioStart, what: 'CALL' });
  assert.equal(first.action, 'BootNotification');
  for (const connectorId of [0, 1, 2]) {
    await books.until('StatusNotification', { connectorId }, { after: first });
  }
  return first;
}

module.exports = {
  topic: 'reset',
  scenarios: {
    'soft, idle: it boots again': async (stage) => {
      await boots(stage, await reset(stage, 'Soft'));
      assert.deepEqual(stage.books.all('StopTransaction'), []);
    },

    'soft, while charging: SoftReset is reported, then it boots': async (stage) => {
      const { bench, books } = stage;
      const { transactionId } = await bench.charge(1);
      const connection = await reset(stage, 'Soft');
      const stop = await bench.stopped(transactionId, 'SoftReset');
      assert.ok(stop.connection < connection, 'reported only after the reset');
      await boots(stage, connection);
      await bench.caughtUp();
      assert.equal(books.all('StopTransaction').length, 1);
    },

    'hard, while charging: it boots, then HardReset is reported': async (stage) => {
      const { bench, books } = stage;
      const { transactionId, params } = await bench.charge(1);
      const connection = await reset(stage, 'Hard');
      const boot = await boots(stage, connection);
      const stop = await bench.stopped(transactionId, 'HardReset');
      assert.ok(stop.index > boot.index, 'reported before the boot');
      assert.ok(stop.params.meterStop >= params.meterStart);
      await bench.caughtUp();
      assert.equal(books.all('StopTransaction').length, 1);
    },
  },
};
