'use strict';

const assert = require('node:assert/strict');
const { TOKENS } = require('../books');
const { isOf } = require('../transaction');

const CONNECTOR_1 = { id: 1, connectorId: 1 };

async function start({ system }, wanted, remoteStartId, evseId = 1) {
  const idToken = { idToken: TOKENS.driver, type: 'ISO14443' };
  const request = { idToken, remoteStartId, evseId };
  const { status } = await system.call('RequestStartTransaction', request);
  assert.equal(status, wanted);
}

async function stop({ system }, wanted, transactionId) {
  const { status } = await system.call('RequestStopTransaction', { transactionId });
  assert.equal(status, wanted);
}

async function unlock({ system }, wanted, evseId) {
  const { status } = await system.call('UnlockConnector', { evseId, connectorId: 1 });
  assert.equal(status, wanted);
}

async function trigger({ system }, requestedMessage, evse) {
  const request = evse === undefined ? { requestedMessage } : { requestedMessage, evse };
  const { status } = await system.call('TriggerMessage', request);
  return status;
}

module.exports = {
  topic: 'remote control',
  scenarios: {
    'starts with the remoteStartId, and stops': async (stage) => {
      const { bench, books } = stage;
      await bench.plug(1);
      await start(stage, 'Accepted', 4711);
      const transaction = await books.untilStarted(1, TOKENS.driver);
      const { triggerReason, transactionInfo } = transaction.start.params;
      assert.equal(triggerReason, 'RemoteStart');
      assert.equal(transactionInfo.remoteStartId, 4711);
      await bench.charging(transaction);
      await start(stage, 'Rejected', 4712);
      await stop(stage, 'Rejected', `${transaction.id}0`);
      await stop(stage, 'Accepted', transaction.id);
      await bench.stopped(transaction, 'Remote', 'RemoteStop');
      await bench.unplug(1);
      await stop(stage, 'Rejected', transaction.id);
      assert.deepEqual(transaction.faults(), []);
    },

    'starts nothing at an unknown EVSE': async (stage) => {
      await start(stage, 'Rejected', 4713, 9);
      await stage.bench.caughtUp();
      assert.deepEqual(stage.books.told('Started'), []);
    },

    'unlocks, but not while it charges': async (stage) => {
      const { bench, books } = stage;
      await unlock(stage, 'Unlocked', 1);
      await unlock(stage, 'UnknownConnector', 9);
      const transaction = await bench.charge(1);
      await unlock(stage, 'OngoingAuthorizedTransaction', 1);
      await bench.caughtUp();
      assert.deepEqual(books.told('Ended'), []);
      await bench.finish(transaction);
    },

    'sends what is triggered': async (stage) => {
      const { bench, books } = stage;
      assert.equal(await trigger(stage, 'StatusNotification', CONNECTOR_1), 'Accepted');
      await books.until('StatusNotification', { evseId: 1, connectorStatus: 'Available' });
      assert.equal(await trigger(stage, 'MeterValues', { id: 2 }), 'Accepted');
      const { params } = await books.until('MeterValues', { evseId: 2 });
      assert.ok(params.meterValue.every((value) => isOf(value, 'Trigger')));
      const transaction = await bench.charge(1);
      assert.equal(await trigger(stage, 'TransactionEvent', { id: 1 }), 'Accepted');
      await bench.update(transaction, 'Trigger');
      await bench.finish(transaction);
      assert.equal(await trigger(stage, 'BootNotification'), 'Rejected');
    },
  },
};
