'use strict';

// Frames that say what they mean in a way of their own: they are taken, and told of.

const assert = require('node:assert/strict');
const { CALLRESULT } = require('../frame_log');

/** Longer than 32 bits, and not to be found in other frames by chance. */
const NUMBERED = 70001234567;

function deviations(point, since) {
  return point.events.since(since, ({ event }) => event === 'deviation').map(({ field }) => field);
}

/** The CALL is taken, and the fields are told in which it is loose. */
function taken(fields, status, action, payload) {
  return async ({ bench, frames, point, system }) => {
    const since = point.events.mark;
    const { frame } = await system.rawCall(`loose-${frames.mark}`, action, payload);
    assert.equal(frame[0], CALLRESULT);
    assert.equal(frame[2].status, status);
    await bench.caughtUp();
    assert.deepEqual(deviations(point, since), fields);
  };
}

/** A whole session in which the answers without fields have that payload. */
function acknowledged(payload) {
  return async ({ bench, books, point, system }) => {
    const since = point.events.mark;
    system.emptyPayload = payload;
    try {
      const { transactionId } = await bench.charge(1);
      await system.call('RemoteStopTransaction', { transactionId });
      await bench.stopped(transactionId, 'Remote');
      await bench.unplug(1);
      await bench.caughtUp();
    } finally {
      system.emptyPayload = '{}';
    }
    assert.equal(books.all('StopTransaction').length, 1);
    const errors = point.events.since(since, ({ event }) => event === 'error');
    assert.deepEqual(errors.map(({ message }) => message), []);
  };
}

module.exports = {
  topic: 'loose frames',
  scenarios: {
    'null for no payload': taken([], 'Accepted', 'ClearCache', null),

    'a list for an empty object': taken(['payload'], 'Accepted', 'ClearCache', []),

    'null for an optional field': taken(['messageId'], 'UnknownVendorId', 'DataTransfer', {
      vendorId: 'elsewhere', messageId: null,
    }),

    'null for an optional connector':
      taken(['connectorId'], 'Accepted', 'TriggerMessage', {
        requestedMessage: 'FirmwareStatusNotification', connectorId: null,
      }),

    'a number for a message id comes back as a number': async ({ bench, point, system }) => {
      const since = point.events.mark;
      const { text } = await system.rawCall(NUMBERED, 'ClearCache', {});
      assert.equal(text, `[3,${NUMBERED},{"status":"Accepted"}]`);
      await bench.caughtUp();
      assert.deepEqual(deviations(point, since), ['messageId']);
    },

    'a message that is not known: NotImplemented':
      taken([], 'NotImplemented', 'TriggerMessage', {
        requestedMessage: 'SignChargePointCertificate', connectorId: 99,
      }),

    'answers with the payload null acknowledge': acknowledged('null'),

    'answers with the payload [] acknowledge': acknowledged('[]'),

    'an answer that cannot be used holds nothing up': async ({ bench, point, system }) => {
      const since = point.events.mark;
      const message = 'StatusNotification failed: the answer cannot be read';
      system.emptyPayload = '"",{}';
      try {
        await bench.plug(2);
        await point.until('error', { message }, { since });
      } finally {
        system.emptyPayload = '{}';
      }
      await bench.caughtUp();
      await bench.unplug(2);
    },
  },
};
