'use strict';

const assert = require('node:assert/strict');
const { contexts } = require('../readings');

/** Asks for `requestedMessage`: accepted, and the message follows the answer. */
async function follows({ books, frames, system }, requestedMessage, connectorId) {
  const since = frames.mark;
  const request = connectorId === undefined ? {} : { connectorId };
  const { status } = await system.call('TriggerMessage', { requestedMessage, ...request });
  assert.equal(status, 'Accepted');
  const message = await books.until(requestedMessage, request);
  assert.ok(
    system.answeredBefore('TriggerMessage', requestedMessage, since),
    'the message came before the answer',
  );
  return message;
}

module.exports = {
  topic: 'trigger',
  scenarios: {
    'StatusNotification of connector 1': async (stage) => {
      const { params } = await follows(stage, 'StatusNotification', 1);
      assert.equal(params.status, 'Available');
    },

    'StatusNotification of every connector': async (stage) => {
      await follows(stage, 'StatusNotification');
      for (const connectorId of [0, 1, 2]) {
        await stage.books.until('StatusNotification', { connectorId });
      }
    },

    Heartbeat: (stage) => follows(stage, 'Heartbeat'),

    'MeterValues of connector 1': async (stage) => {
      const { params } = await follows(stage, 'MeterValues', 1);
      assert.equal(params.transactionId, undefined);
      for (const meterValue of params.meterValue) {
        assert.ok(contexts(meterValue).every((context) => context === 'Trigger'));
      }
    },

    'BootNotification, which was accepted on this connection: Rejected': async (stage) => {
      const { bench, books, system } = stage;
      const request = { requestedMessage: 'BootNotification' };
      // Whatever went before: what it allowed is used up then.
      await system.call('TriggerMessage', request);
      await bench.caughtUp();
      const { status } = await system.call('TriggerMessage', request);
      assert.equal(status, 'Rejected');
      const boots = books.all('BootNotification').length;
      await bench.caughtUp();
      assert.equal(books.all('BootNotification').length, boots);
    },

    'BootNotification on a connection made anew': async (stage) => {
      const { bench, point, system } = stage;
      const connections = system.connections.mark;
      point.tell('link down');
      point.tell('link up');
      await system.connection(connections);
      await bench.caughtUp();
      await follows(stage, 'BootNotification');
      await bench.caughtUp();
    },

    'FirmwareStatusNotification and DiagnosticsStatusNotification of an idle charge point':
      async (stage) => {
        for (const message of ['FirmwareStatusNotification', 'DiagnosticsStatusNotification']) {
          const { params } = await follows(stage, message);
          assert.deepEqual(params, { status: 'Idle' });
        }
      },

    'rejected for unknown connector': async ({ bench, books, system }) => {
      const { status } = await system.call('TriggerMessage', {
        requestedMessage: 'StatusNotification',
        connectorId: 9,
      });
      assert.equal(status, 'Rejected');
      await bench.caughtUp();
      assert.deepEqual(books.all('StatusNotification'), []);
    },
  },
};
