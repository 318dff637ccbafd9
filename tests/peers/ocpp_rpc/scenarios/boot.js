'use strict';

const assert = require('node:assert/strict');

module.exports = {
  topic: 'boot',
  asFound: true,
  scenarios: {
    'the handshake offers ocpp1.6 and the percent-encoded identity': async (stage) => {
      const { handshake, client } = await stage.system.connection(0);
      assert.equal(handshake.request.url, '/ocpp/CP%201');
      assert.equal(client.identity, stage.identity);
      assert.ok(handshake.protocols.has('ocpp1.6'), 'ocpp1.6 not offered');
      assert.equal(client.protocol, 'ocpp1.6');
      await stage.point.until('connected');
    },

    'BootNotification is the first CALL': async ({ books }) => {
      await books.calls.until(() => true, { what: 'CALL' });
      const [first] = books.calls.entries;
      assert.equal(first.action, 'BootNotification');
      assert.ok(first.params.chargePointVendor && first.params.chargePointModel);
    },

    'connectors 0, 1 and 2 are reported Available': async ({ books }) => {
      const isStatus = ({ action }) => action === 'StatusNotification';
      const third = await books.calls.until(
        () => books.calls.since(0, isStatus).length >= 3,
        { what: 'third StatusNotification' },
      );
      const reported = books.calls.since(0, (call) => isStatus(call) && call.index <= third.index);
      assert.deepEqual(reported.map(({ params }) => params.connectorId), [0, 1, 2]);
      for (const { params } of reported) {
        assert.equal(params.status, 'Available');
        assert.equal(params.errorCode, 'NoError');
      }
    },
  },
};
