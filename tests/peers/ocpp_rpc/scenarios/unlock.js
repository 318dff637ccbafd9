'use strict';

const assert = require('node:assert/strict');

async function unlock({ system }, connectorId) {
  const { status } = await system.call('UnlockConnector', { connectorId });
  return status;
}

/** Unlocks connector 1 with a lock that answers `answer`. */
async function unlockWith(stage, answer) {
  stage.point.tell(`unlock 1 ${answer}`);
  await stage.point.caughtUp();
  return unlock(stage, 1);
}

module.exports = {
  topic: 'unlock',
  scenarios: {
    'the lock opens: Unlocked': async (stage) => {
      assert.equal(await unlockWith(stage, 'ok'), 'Unlocked');
    },

    'the lock is stuck: UnlockFailed': async (stage) => {
      assert.equal(await unlockWith(stage, 'fail'), 'UnlockFailed');
    },

    'there is no lock: NotSupported': async (stage) => {
      assert.equal(await unlockWith(stage, 'unsupported'), 'NotSupported');
      assert.equal(await unlockWith(stage, 'ok'), 'Unlocked');
    },

    'unknown connector: NotSupported': async (stage) => {
      assert.equal(await unlock(stage, 9), 'NotSupported');
    },

    'while charging, the transaction ends: UnlockCommand': async (stage) => {
      const { bench } = stage;
      const { transactionId } = await bench.charge(1);
      assert.equal(await unlock(stage, 1), 'Unlocked');
      const stop = await bench.stopped(transactionId, 'UnlockCommand');
      assert.equal(stop.params.idTag, undefined);
      await bench.unplug(1);
    },
  },
};
