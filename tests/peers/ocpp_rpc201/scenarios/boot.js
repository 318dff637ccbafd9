'use strict';

const assert = require('node:assert/strict');

module.exports = {
  topic: 'boot',
  asFound: true,
  scenarios: {
    'the handshake offers ocpp2.0.1': async (stage) => {
      const { handshake, client } = await stage.system.connection(0);
      assert.equal(client.identity, stage.identity);
      assert.deepEqual([...handshake.protocols], ['ocpp2.0.1']);
      assert.equal(client.protocol, 'ocpp2.0.1');
      await stage.point.until('connected');
    },

    'BootNotification, then the connector of each EVSE Available': async ({ bench, books }) => {
      await books.untilStatuses({ 1: 'Available', 2: 'Available' });
      await bench.caughtUp();
      const actions = books.calls.entries.map(({ action }) => action);
      const status = 'StatusNotification';
      assert.deepEqual(actions.slice(0, 3), ['BootNotification', status, status]);
      assert.equal(books.calls.entries[0].params.reason, 'PowerUp');
    },
  },
};
