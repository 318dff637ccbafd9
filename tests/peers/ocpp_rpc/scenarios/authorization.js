'use strict';

const assert = require('node:assert/strict');
const { TAGS } = require('../books');

/** Presents a tag that Authorize refuses at a plugged connector: nothing starts. */
async function refused({ bench, books, point }, idTag) {
  await bench.plug(1);
  point.tell(`tag 1 ${idTag}`);
  await books.until('Authorize', { idTag });
  await bench.caughtUp();
  assert.deepEqual(books.all('StartTransaction'), []);
  assert.deepEqual(books.all('StatusNotification', { connectorId: 1, status: 'Charging' }), []);
  await bench.unplug(1);
}

module.exports = {
  topic: 'authorization',
  scenarios: {
    'an Invalid tag starts nothing': (stage) => refused(stage, TAGS.invalid),

    'a Blocked tag starts nothing': (stage) => refused(stage, TAGS.blocked),

    'a tag refused by StartTransaction is stopped: DeAuthorized': async (stage) => {
      const { bench, books, point } = stage;
      await bench.plug(1);
      point.tell(`tag 1 ${TAGS.refusedAtStart}`);
      const start = await books.until('StartTransaction', { idTag: TAGS.refusedAtStart });
      const stop = await bench.stopped(start.answer.transactionId, 'DeAuthorized');
      assert.ok(stop.params.meterStop >= start.params.meterStart);
      await bench.unplug(1);
    },

    'a foreign tag does not stop a session': async ({ bench, books, point }) => {
      const { transactionId } = await bench.charge(1, TAGS.driver);
      point.tell(`tag 1 ${TAGS.colleague}`);
      await bench.caughtUp();
      assert.deepEqual(books.all('StopTransaction'), []);
      point.tell(`tag 1 ${TAGS.driver}`);
      await bench.stopped(transactionId, 'Local');
      await bench.unplug(1);
    },
  },
};
