'use strict';

const assert = require('node:assert/strict');
const { TOKENS } = require('../books');

async function change({ system }, wanted, operationalStatus, evse) {
  const request = evse === undefined ? { operationalStatus } : { operationalStatus, evse };
  const { status } = await system.call('ChangeAvailability', request);
  assert.equal(status, wanted);
}

module.exports = {
  topic: 'availability',
  scenarios: {
    'an EVSE goes out of service and back': async (stage) => {
      const { bench } = stage;
      await change(stage, 'Accepted', 'Inoperative', { id: 1 });
      const down = await bench.status(1, 'Unavailable');
      await change(stage, 'Accepted', 'Operative', { id: 1 });
      await bench.status(1, 'Available', down);
      await change(stage, 'Rejected', 'Inoperative', { id: 9 });
    },

    'without an EVSE the whole station is meant': async (stage) => {
      await change(stage, 'Accepted', 'Inoperative');
      await stage.books.untilStatuses({ 1: 'Unavailable', 2: 'Unavailable' });
      await change(stage, 'Accepted', 'Operative');
      await stage.books.untilStatuses({ 1: 'Available', 2: 'Available' });
    },

    'while charging it is scheduled and applied at the end': async (stage) => {
      const { bench, books, point } = stage;
      const transaction = await bench.charge(1);
      await change(stage, 'Scheduled', 'Inoperative', { id: 1 });
      point.tell(`tag 1 ${TOKENS.driver}`);
      await bench.stopped(transaction, 'Local', 'StopAuthorized');
      point.tell('unplug 1');
      await books.untilStatuses({ 1: 'Unavailable' });
      await change(stage, 'Accepted', 'Operative', { id: 1 });
      await books.untilStatuses({ 1: 'Available' });
    },

    'a fault is told and gone': async ({ bench, point }) => {
      point.tell('fault 2 GroundFailure');
      await bench.status(2, 'Faulted');
      point.tell('clear 2');
      await bench.status(2, 'Available');
    },
  },
};
