'use strict';

const assert = require('node:assert/strict');
const { TAGS } = require('../books');

const accepted = (idTag) => ({ idTag, idTagInfo: { status: 'Accepted' } });
const blocked = (idTag) => ({ idTag, idTagInfo: { status: 'Blocked' } });

async function send(system, updateType, listVersion, localAuthorizationList) {
  const request = { listVersion, updateType, localAuthorizationList };
  const { status } = await system.call('SendLocalList', request);
  return status;
}

async function version(system) {
  return (await system.call('GetLocalListVersion')).listVersion;
}

/** Nothing is left for the scenarios behind. */
async function clear(system) {
  assert.equal(await send(system, 'Full', 1000, []), 'Accepted');
  assert.equal(await version(system), 0);
}

module.exports = {
  topic: 'local list',
  scenarios: {
    'an empty list has version 0': async ({ system }) => {
      assert.equal(await version(system), 0);
    },

    'a full list, changes to it, and no list': async ({ point, system }) => {
      const list = [accepted('LISTED-1'), blocked('LISTED-2')];
      assert.equal(await send(system, 'Full', 5, list), 'Accepted');
      assert.equal(await version(system), 5);
      const changes = [accepted('LISTED-2'), { idTag: 'LISTED-1' }, accepted('LISTED-3')];
      assert.equal(await send(system, 'Differential', 6, changes), 'Accepted');
      assert.equal(await version(system), 6);
      point.tell('list');
      await clear(system);
      const without = { listVersion: 7, updateType: 'Full' };
      assert.equal((await system.call('SendLocalList', without)).status, 'Accepted');
      assert.equal(await version(system), 0);
    },

    'an idTag of the list charges without being asked for': async ({ bench, books, point, system }) => {
      assert.equal(await send(system, 'Full', 2, [accepted(TAGS.colleague)]), 'Accepted');
      await bench.set('LocalPreAuthorize', 'true');
      const { transactionId } = await bench.charge(1, TAGS.colleague);
      assert.deepEqual(books.all('Authorize'), []);
      point.tell(`tag 1 ${TAGS.colleague}`);
      await bench.stopped(transactionId, 'Local');
      await bench.unplug(1);
      await bench.set('LocalPreAuthorize', 'false');
      await clear(system);
    },

    'a contradiction is told: LocalListConflict': async ({ bench, books, point, system }) => {
      assert.equal(await send(system, 'Full', 2, [accepted(TAGS.invalid)]), 'Accepted');
      await bench.plug(1);
      point.tell(`tag 1 ${TAGS.invalid}`);
      await books.until('StatusNotification', { connectorId: 0, errorCode: 'LocalListConflict' });
      await bench.unplug(1);
      await clear(system);
    },

    'an old version: VersionMismatch': async ({ system }) => {
      assert.equal(await send(system, 'Full', 5, [accepted('LISTED-1')]), 'Accepted');
      for (const old of [5, 4, 1]) {
        assert.equal(await send(system, 'Differential', old, []), 'VersionMismatch');
      }
      assert.equal(await version(system), 5);
      await clear(system);
    },

    'what is wrong changes nothing: Failed': async ({ system }) => {
      assert.equal(await send(system, 'Full', 5, [accepted('LISTED-1')]), 'Accepted');
      const twice = [accepted('LISTED-2'), accepted('listed-2')];
      for (const [kind, listVersion, list] of [
        ['Full', 0, []],
        ['Full', -1, []],
        ['Full', 6, twice],
        ['Differential', 6, twice],
        ['Differential', 6, [{ idTag: 'LISTED-1' }, accepted('LISTED-1')]],
        ['Full', 6, [{ idTag: 'LISTED-1' }]],
      ]) {
        const status = await send(system, kind, listVersion, list);
        assert.equal(status, 'Failed', JSON.stringify([kind, listVersion, list]));
      }
      assert.equal(await version(system), 5);
      await clear(system);
    },

    'as many entries as the keys say, and not one more': async ({ system }) => {
      const key = ['LocalAuthListMaxLength', 'SendLocalListMaxLength'];
      const { configurationKey } = await system.call('GetConfiguration', { key });
      const [most, atOnce] = key.map((name) =>
        Number(configurationKey.find((found) => found.key === name).value));
      const longest = (n) => ({
        idTag: `04A1B2C3D4E5F607${String(n).padStart(4, '0')}`,
        idTagInfo: {
          status: 'ConcurrentTx',
          expiryDate: '2046-01-01T00:00:00.000+00:00',
          parentIdTag: '04A1B2C3D4E5F607182A',
        },
      });
      const entries = (from, count) => Array.from({ length: count }, (_, n) => longest(from + n));
      assert.equal(await send(system, 'Full', 1, entries(0, atOnce + 1)), 'Failed');
      let listVersion = 0;
      for (let from = 0; from < most; from += atOnce) {
        listVersion += 1;
        const list = entries(from, Math.min(atOnce, most - from));
        assert.equal(await send(system, 'Differential', listVersion, list), 'Accepted');
      }
      assert.equal(await send(system, 'Differential', listVersion + 1, entries(most, 1)), 'Failed');
      assert.equal(await version(system), listVersion);
      await clear(system);
    },

    'switched off: NotSupported, and version -1': async ({ bench, system }) => {
      await bench.set('LocalAuthListEnabled', 'false');
      assert.equal(await version(system), -1);
      assert.equal(await send(system, 'Full', 5, [accepted('LISTED-1')]), 'NotSupported');
      await bench.set('LocalAuthListEnabled', 'true');
      assert.equal(await version(system), 0);
    },

    'an updateType that there is not: PropertyConstraintViolation': async ({ system }) => {
      const request = { listVersion: 1, updateType: 'Partial' };
      assert.equal(await system.malformedCall('SendLocalList', request),
        'PropertyConstraintViolation');
      assert.equal(await version(system), 0);
    },

    'an entry without an idTag: ProtocolError': async ({ system }) => {
      const list = [accepted('LISTED-1'), { idTagInfo: { status: 'Accepted' } }];
      const request = { listVersion: 1, updateType: 'Full', localAuthorizationList: list };
      assert.equal(await system.malformedCall('SendLocalList', request), 'ProtocolError');
      assert.equal(await version(system), 0);
    },
  },
};
