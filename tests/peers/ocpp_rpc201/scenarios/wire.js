'use strict';

// What must hold for the whole run; looked at when it is over.

const assert = require('node:assert/strict');
const { scenarios } = require('../../ocpp_rpc/scenarios/wire');

module.exports = {
  topic: 'whole run',
  asFound: true,
  scenarios: {
    ...scenarios,

    'every transaction has ended, and keeps the rules of its events': async ({ books }) => {
      assert.deepEqual(books.open.map(({ id }) => id), []);
      const faults = [...books.transactions.values()].flatMap((one) => one.faults());
      assert.deepEqual(faults, []);
    },
  },
};
