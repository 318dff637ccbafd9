'use strict';

const assert = require('node:assert/strict');

module.exports = {
  topic: 'variables',
  scenarios: {
    'set: accepted, and reads back': async ({ bench }) => {
      assert.deepEqual(await bench.set(['TxCtrlr', 'EVConnectionTimeOut', '45']), ['Accepted']);
      assert.equal(await bench.get('TxCtrlr', 'EVConnectionTimeOut'), '45');
    },

    'set: each of several for itself': async ({ bench }) => {
      const statuses = await bench.set(
        ['NoSuchCtrlr', 'Interval', '1'],
        ['TxCtrlr', 'NoSuchVariable', '1'],
        ['AuthCtrlr', 'LocalPreAuthorize', 'maybe'],
        ['AuthCtrlr', 'LocalPreAuthorize', 'false'],
      );
      assert.deepEqual(statuses, ['UnknownComponent', 'UnknownVariable', 'Rejected', 'Accepted']);
    },

    'reports: in parts that are counted, behind the answer': async (stage) => {
      const { bench, books, frames, system } = stage;
      for (const [requestId, reportBase] of [[1, 'FullInventory'], [2, 'ConfigurationInventory']]) {
        const since = frames.mark;
        const { status } = await bench.ask('GetBaseReport', { requestId, reportBase });
        assert.equal(status, 'Accepted');
        const isLast = (part) => part.requestId === requestId && !part.tbc;
        await books.until('NotifyReport', isLast, { within: 10000 });
        assert.ok(system.answeredBefore('GetBaseReport', 'NotifyReport', since));
        const parts = books.all('NotifyReport', { requestId }).map(({ params }) => params);
        assert.deepEqual(parts.map(({ seqNo }) => seqNo), parts.map((_, i) => i));
        const names = parts.flatMap(({ reportData = [] }) => reportData)
          .map(({ component, variable }) => `${component.name}.${variable.name}`);
        assert.ok(names.includes('SampledDataCtrlr.TxUpdatedInterval'), reportBase);
      }
    },
  },
};
