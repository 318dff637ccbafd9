'use strict';

const assert = require('node:assert/strict');

const NO_SUCH_TRANSACTION = 999999;

module.exports = {
  topic: 'remote stop',
  scenarios: {
    'ends the transaction: Remote, without a tag': async ({ bench, books, system }) => {
      const { transactionId, params } = await bench.charge(1);
      const { status } = await system.call('RemoteStopTransaction', { transactionId });
      assert.equal(status, 'Accepted');
      const stop = await bench.stopped(transactionId, 'Remote');
      assert.equal(stop.params.idTag, undefined);
      assert.ok(stop.params.meterStop >= params.meterStart);
      await books.until('StatusNotification', { connectorId: 1, status: 'Finishing' });
      await bench.unplug(1);
    },

    'rejected for an unknown transaction, which changes nothing': async (stage) => {
      const { bench, books, system } = stage;
      const { transactionId } = await bench.charge(1);
      const { status } = await system.call('RemoteStopTransaction', {
        transactionId: NO_SUCH_TRANSACTION,
      });
      assert.equal(status, 'Rejected');
      await bench.caughtUp();
      assert.deepEqual(books.all('StopTransaction'), []);
      await system.call('RemoteStopTransaction', { transactionId });
      await bench.stopped(transactionId, 'Remote');
      await bench.unplug(1);
    },

    'rejected for a transaction that is over': async ({ bench, system }) => {
      const { transactionId } = await bench.charge(1);
      await system.call('RemoteStopTransaction', { transactionId });
      await bench.stopped(transactionId, 'Remote');
      await bench.unplug(1);
      const { status } = await system.call('RemoteStopTransaction', { transactionId });
      assert.equal(status, 'Rejected');
    },
  },
};
