'use strict';

const assert = require('node:assert/strict');
const { TAGS } = require('../books');

module.exports = {
  topic: 'cache and data transfer',
  scenarios: {
    'ClearCache is accepted': async ({ system }) => {
      const { status } = await system.call('ClearCache');
      assert.equal(status, 'Accepted');
    },

    'a cleared cache asks again for a known tag': async ({ bench, books, point, system }) => {
      await bench.set('AuthorizationCacheEnabled', 'true');
      await bench.set('LocalPreAuthorize', 'true');
      const known = await bench.charge(1);
      point.tell(`tag 1 ${TAGS.driver}`);
      await bench.stopped(known.transactionId, 'Local');
      await bench.unplug(1);

      assert.equal((await system.call('ClearCache')).status, 'Accepted');
      const asked = books.all('Authorize').length;
      const again = await bench.charge(1);
      assert.equal(books.all('Authorize').length, asked + 1);
      point.tell(`tag 1 ${TAGS.driver}`);
      await bench.stopped(again.transactionId, 'Local');
      await bench.unplug(1);

      const fromCache = await bench.charge(1);
      assert.equal(books.all('Authorize').length, asked + 1);
      point.tell(`tag 1 ${TAGS.driver}`);
      await bench.stopped(fromCache.transactionId, 'Local');
      await bench.unplug(1);
      await bench.set('LocalPreAuthorize', 'false');
    },

    'data of an unknown vendor: UnknownVendorId': async ({ system }) => {
      const { status } = await system.call('DataTransfer', {
        vendorId: 'com.example.nobody',
        messageId: 'Greeting',
        data: 'hello "you" \u00e9\ud83d\udd0c',
      });
      assert.equal(status, 'UnknownVendorId');
    },

    'data from the charge point arrives as it was typed': async ({ books, point }) => {
      point.tell('data com.example Greeting 42');
      const { params } = await books.until('DataTransfer');
      assert.deepEqual(params, { vendorId: 'com.example', messageId: 'Greeting', data: '42' });
    },

    'data from the charge point with a vendor only': async ({ books, point }) => {
      point.tell('data com.example');
      const { params } = await books.until('DataTransfer');
      assert.deepEqual(params, { vendorId: 'com.example' });
    },
  },
};
