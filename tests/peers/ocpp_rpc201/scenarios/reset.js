'use strict';

const assert = require('node:assert/strict');

async function reset({ system }, wanted, type) {
  const { status } = await system.call('Reset', { type });
  assert.equal(status, wanted);
}

/** The charging station introduces itself on the next connection. */
async function boots({ books, system }, count) {
  const connection = await system.connection(count);
  const isOnIt = (call) => call.connection === connection.index;
  const first = await books.calls.until(isOnIt, { since: books.scenarioStart, what: 'CALL' });
  assert.equal(first.action, 'BootNotification');
  for (const evseId of [1, 2]) await books.until('StatusNotification', { evseId }, { after: first });
}

module.exports = {
  topic: 'reset',
  scenarios: {
    'immediate, while charging: the transaction ends once, and it boots': async (stage) => {
      const { bench, books, system } = stage;
      const transaction = await bench.charge(1);
      const count = system.connections.mark;
      await reset(stage, 'Accepted', 'Immediate');
      await boots(stage, count);
      await bench.stopped(transaction, 'ImmediateReset', 'ResetCommand');
      await bench.caughtUp();
      assert.deepEqual(books.told('Ended'), [transaction.id]);
    },

    'on idle, while charging: it waits for the end': async (stage) => {
      const { bench, point, system } = stage;
      const transaction = await bench.charge(1);
      const count = system.connections.mark;
      await reset(stage, 'Scheduled', 'OnIdle');
      await bench.caughtUp();
      point.tell('unplug 1');
      await bench.stopped(transaction, 'EVDisconnected', 'EVCommunicationLost');
      await boots(stage, count);
      await bench.caughtUp();
    },
  },
};
