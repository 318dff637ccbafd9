'use strict';

const assert = require('node:assert/strict');
const { TAGS } = require('../books');

const TX_PROFILE = {
  chargingProfileId: 1,
  stackLevel: 0,
  chargingProfilePurpose: 'TxProfile',
  chargingProfileKind: 'Relative',
  chargingSchedule: {
    chargingRateUnit: 'A',
    chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }],
  },
};

async function remoteStart({ system }, request) {
  const { status } = await system.call('RemoteStartTransaction', request);
  return status;
}

/** Waits for the session on connector `n`, then ends it with the tag. */
async function runsAndStops({ bench, books, point }, n, idTag) {
  const start = await books.until('StartTransaction', { connectorId: n, idTag });
  await books.until('StatusNotification', { connectorId: n, status: 'Charging' });
  point.tell(`tag ${n} ${idTag}`);
  await bench.stopped(start.answer.transactionId, 'Local');
  await bench.unplug(n);
  return start;
}

module.exports = {
  topic: 'remote start',
  scenarios: {
    'with a connector, cable first': async (stage) => {
      await stage.bench.plug(1);
      const idTag = TAGS.driver;
      assert.equal(await remoteStart(stage, { connectorId: 1, idTag }), 'Accepted');
      await runsAndStops(stage, 1, idTag);
    },

    'with a connector, cable later': async (stage) => {
      const idTag = TAGS.driver;
      assert.equal(await remoteStart(stage, { connectorId: 2, idTag }), 'Accepted');
      await stage.books.until('StatusNotification', { connectorId: 2, status: 'Preparing' });
      stage.point.tell('plug 2');
      await runsAndStops(stage, 2, idTag);
    },

    'without a connector the charge point chooses one': async (stage) => {
      const idTag = TAGS.driver;
      assert.equal(await remoteStart(stage, { idTag }), 'Accepted');
      const { params } = await stage.books.until('StatusNotification', { status: 'Preparing' });
      stage.point.tell(`plug ${params.connectorId}`);
      await runsAndStops(stage, params.connectorId, idTag);
    },

    'with a charging profile for the transaction': async (stage) => {
      await stage.bench.plug(1);
      const idTag = TAGS.driver;
      const request = { connectorId: 1, idTag, chargingProfile: TX_PROFILE };
      assert.equal(await remoteStart(stage, request), 'Accepted');
      await runsAndStops(stage, 1, idTag);
    },

    'asks before it starts when AuthorizeRemoteTxRequests is true': async (stage) => {
      const { bench, books } = stage;
      await bench.set('AuthorizeRemoteTxRequests', 'true');
      await bench.plug(1);
      const idTag = TAGS.driver;
      assert.equal(await remoteStart(stage, { connectorId: 1, idTag }), 'Accepted');
      const authorize = await books.until('Authorize', { idTag });
      const start = await runsAndStops(stage, 1, idTag);
      assert.ok(authorize.index < start.index, 'StartTransaction before Authorize');
      await bench.set('AuthorizeRemoteTxRequests', 'false');
    },

    'starts without asking when AuthorizeRemoteTxRequests is false': async (stage) => {
      const { bench, books } = stage;
      await bench.plug(1);
      const idTag = TAGS.colleague;
      assert.equal(await remoteStart(stage, { connectorId: 1, idTag }), 'Accepted');
      await books.until('StatusNotification', { connectorId: 1, status: 'Charging' });
      assert.deepEqual(books.all('Authorize'), []);
      await runsAndStops(stage, 1, idTag);
    },

    'rejected for unknown connector': async (stage) => {
      const request = { connectorId: 9, idTag: TAGS.driver };
      assert.equal(await remoteStart(stage, request), 'Rejected');
      await stage.bench.caughtUp();
      assert.deepEqual(stage.books.all('StartTransaction'), []);
    },

    'rejected while that connector charges': async (stage) => {
      const { bench, books, point } = stage;
      const { transactionId } = await bench.charge(1);
      const request = { connectorId: 1, idTag: TAGS.colleague };
      assert.equal(await remoteStart(stage, request), 'Rejected');
      await bench.caughtUp();
      assert.equal(books.all('StartTransaction').length, 1);
      point.tell(`tag 1 ${TAGS.driver}`);
      await bench.stopped(transactionId, 'Local');
      await bench.unplug(1);
    },
  },
};
