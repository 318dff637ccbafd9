'use strict';

const assert = require('node:assert/strict');
const { TAGS } = require('../books');

async function change({ system }, connectorId, type) {
  const { status } = await system.call('ChangeAvailability', { connectorId, type });
  return status;
}

async function reported({ books }, connectorId, status, after) {
  return books.until('StatusNotification', { connectorId, status }, { after });
}

module.exports = {
  topic: 'availability',
  scenarios: {
    'an idle connector goes out of service and back, twice asked each': async (stage) => {
      assert.equal(await change(stage, 1, 'Inoperative'), 'Accepted');
      const down = await reported(stage, 1, 'Unavailable');
      assert.equal(await change(stage, 1, 'Inoperative'), 'Accepted');
      assert.equal(await change(stage, 1, 'Operative'), 'Accepted');
      await reported(stage, 1, 'Available', down);
      assert.equal(await change(stage, 1, 'Operative'), 'Accepted');
      assert.deepEqual(stage.books.all('StatusNotification', { connectorId: 2 }), []);
    },

    'nothing starts on a connector out of service': async (stage) => {
      const { bench, books, point, system } = stage;
      assert.equal(await change(stage, 1, 'Inoperative'), 'Accepted');
      await reported(stage, 1, 'Unavailable');
      const { status } = await system.call('RemoteStartTransaction', {
        connectorId: 1,
        idTag: TAGS.driver,
      });
      assert.equal(status, 'Rejected');
      point.tell(`tag 1 ${TAGS.driver}`);
      await bench.caughtUp();
      assert.deepEqual(books.all('StartTransaction'), []);
      assert.equal(await change(stage, 1, 'Operative'), 'Accepted');
      await reported(stage, 1, 'Available');
    },

    'connector 0 means all of them': async (stage) => {
      assert.equal(await change(stage, 0, 'Inoperative'), 'Accepted');
      await stage.books.untilStatuses({ 0: 'Unavailable', 1: 'Unavailable', 2: 'Unavailable' });
      assert.equal(await change(stage, 0, 'Operative'), 'Accepted');
      await stage.books.untilStatuses({ 0: 'Available', 1: 'Available', 2: 'Available' });
    },

    'while charging it is scheduled and applied at the end': async (stage) => {
      const { bench, books, point } = stage;
      const { transactionId } = await bench.charge(1);
      assert.equal(await change(stage, 1, 'Inoperative'), 'Scheduled');
      await bench.caughtUp();
      assert.deepEqual(books.all('StatusNotification', { status: 'Unavailable' }), []);
      assert.deepEqual(books.all('StopTransaction'), []);
      point.tell(`tag 1 ${TAGS.driver}`);
      await bench.stopped(transactionId, 'Local');
      point.tell('unplug 1');
      await books.untilStatuses({ 1: 'Unavailable' });
      await bench.caughtUp();
      assert.equal(books.statuses.get(1), 'Unavailable');
      assert.equal(await change(stage, 1, 'Operative'), 'Accepted');
      await books.untilStatuses({ 1: 'Available' });
    },

    'rejected for unknown connector': async (stage) => {
      assert.equal(await change(stage, 9, 'Inoperative'), 'Rejected');
      await stage.bench.caughtUp();
      assert.deepEqual(stage.books.all('StatusNotification'), []);
    },
  },
};
