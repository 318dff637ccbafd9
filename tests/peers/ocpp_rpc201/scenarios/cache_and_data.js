'use strict';

const assert = require('node:assert/strict');

async function fromUnknownVendor({ system }, ...contents) {
  for (const data of contents) {
    const request = { vendorId: 'com.example.nobody', messageId: 'Greeting', data };
    const { status } = await system.call('DataTransfer', request);
    assert.equal(status, 'UnknownVendorId', JSON.stringify(data));
  }
}

module.exports = {
  topic: 'cache and data transfer',
  scenarios: {
    'ClearCache is accepted': async ({ system }) => {
      assert.equal((await system.call('ClearCache')).status, 'Accepted');
    },

    'a text of an unknown vendor: UnknownVendorId': (stage) =>
      fromUnknownVendor(stage, 'a "b" é🔌'),

    'any data of an unknown vendor: UnknownVendorId': (stage) =>
      fromUnknownVendor(stage, { any: ['JSON', 1.5, null] }, 42, null),

    'data from the charging station, answered with an object': async ({ books, point }) => {
      const since = point.events.mark;
      point.tell('data com.example Greeting 42');
      const { params } = await books.until('DataTransfer');
      assert.deepEqual(params, { vendorId: 'com.example', messageId: 'Greeting', data: '42' });
      await point.until('dataTransfer', { status: 'Accepted' }, { since });
    },

    'an action of OCPP 1.6 is not known': async ({ system }) => {
      const code = await system.malformedCall('ChangeConfiguration', { key: 'a', value: 'b' });
      assert.equal(code, 'NotImplemented');
    },
  },
};
