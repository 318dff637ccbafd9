'use strict';

const assert = require('node:assert/strict');

const EXIT_WITHIN_MS = 10000;

const BAD_COMMANDS = [
  'make-coffee',
  'plug',
  'plug 9',
  'plug one',
  'tag 1',
  'power 1 plenty',
  'fault 1 NoSuchErrorCode',
  'suspend 1 nobody',
  'unlock 1 perhaps',
];

module.exports = {
  topic: 'standard input',
  scenarios: {
    'a bad command prints one error and changes nothing': async (stage) => {
      const { bench, books, point } = stage;
      const since = point.events.mark;
      for (const command of BAD_COMMANDS) {
        const before = point.events.mark;
        point.tell(command);
        const { message } = await point.until('error', {}, { since: before });
        assert.ok(message, `no message for ${command}`);
      }
      await bench.caughtUp();
      const errors = point.events.since(since, ({ event }) => event === 'error');
      assert.equal(errors.length, BAD_COMMANDS.length);
      assert.deepEqual(books.calls.since(books.scenarioStart).map((call) => call.action), [
        'Heartbeat',
      ]);
    },

    'quit ends the program with exit code 0': async ({ point }) => {
      point.tell('quit');
      const timeout = new Promise((resolve) => {
        setTimeout(resolve, EXIT_WITHIN_MS, 'still running').unref();
      });
      assert.equal(await Promise.race([point.exited, timeout]), 0);
    },
  },
};
