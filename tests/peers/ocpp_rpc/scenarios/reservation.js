'use strict';

const assert = require('node:assert/strict');
const { TAGS } = require('../books');

const inAnHour = () => new Date(Date.now() + 3600e3).toISOString();

async function reserve(system, connectorId, reservationId, more = {}) {
  const request = {
    connectorId, reservationId, idTag: TAGS.driver, expiryDate: inAnHour(), ...more,
  };
  return (await system.call('ReserveNow', request)).status;
}

async function cancel(system, reservationId) {
  return (await system.call('CancelReservation', { reservationId })).status;
}

/** Waits until connector `n` reports that status. */
function reports({ books }, n, status) {
  return books.until('StatusNotification', { connectorId: n, status });
}

module.exports = {
  topic: 'reservation',
  scenarios: {
    'it is used by its driver, whose start names it': async (stage) => {
      const { bench, books, point, system } = stage;
      assert.equal(await reserve(system, 1, 71), 'Accepted');
      await reports(stage, 1, 'Reserved');
      point.tell('plug 1');
      point.tell(`tag 1 ${TAGS.driver}`);
      const start = await books.until('StartTransaction', { connectorId: 1, reservationId: 71 });
      point.tell(`tag 1 ${TAGS.driver}`);
      await bench.stopped(start.answer.transactionId, 'Local');
      await bench.unplug(1);
      assert.equal(await cancel(system, 71), 'Rejected');
    },

    'another driver is turned away': async (stage) => {
      const { bench, books, point, system } = stage;
      assert.equal(await reserve(system, 1, 72), 'Accepted');
      point.tell('plug 1');
      point.tell(`tag 1 ${TAGS.colleague}`);
      await bench.caughtUp();
      assert.deepEqual(books.all('StartTransaction'), []);
      assert.deepEqual(books.all('StatusNotification', { status: 'Preparing' }), []);
      point.tell('unplug 1');
      assert.equal(await cancel(system, 72), 'Accepted');
      await reports(stage, 1, 'Available');
    },

    'the group of its driver may use it': async (stage) => {
      const { bench, books, point, system } = stage;
      const parentIdTag = 'FAMILY';
      const list = [{ idTag: TAGS.colleague, idTagInfo: { status: 'Accepted', parentIdTag } }];
      const update = { listVersion: 1, updateType: 'Full', localAuthorizationList: list };
      assert.equal((await system.call('SendLocalList', update)).status, 'Accepted');
      assert.equal(await reserve(system, 1, 73, { parentIdTag }), 'Accepted');
      point.tell('plug 1');
      point.tell(`tag 1 ${TAGS.colleague}`);
      const start = await books.until('StartTransaction', { reservationId: 73 });
      assert.equal(start.params.idTag, TAGS.colleague);
      point.tell(`tag 1 ${TAGS.colleague}`);
      await bench.stopped(start.answer.transactionId, 'Local');
      await bench.unplug(1);
      const none = { listVersion: 2, updateType: 'Full' };
      assert.equal((await system.call('SendLocalList', none)).status, 'Accepted');
    },

    'it ends with its time': async (stage) => {
      const { system } = stage;
      const expiryDate = new Date(Date.now() + 1500).toISOString();
      assert.equal(await reserve(system, 1, 74, { expiryDate }), 'Accepted');
      await reports(stage, 1, 'Reserved');
      await reports(stage, 1, 'Available');
      assert.equal(await cancel(system, 74), 'Rejected');
    },

    'the same reservationId replaces it, also elsewhere': async (stage) => {
      const { system } = stage;
      assert.equal(await reserve(system, 1, 75), 'Accepted');
      assert.equal(await reserve(system, 1, 75, { idTag: TAGS.colleague }), 'Accepted');
      assert.equal(await reserve(system, 2, 75), 'Accepted');
      await reports(stage, 1, 'Available');
      await reports(stage, 2, 'Reserved');
      assert.equal(await cancel(system, 75), 'Accepted');
      await reports(stage, 2, 'Available');
    },

    'connector 0: one connector is kept': async (stage) => {
      const { bench, books, point, system } = stage;
      assert.equal(await reserve(system, 0, 76), 'Accepted');
      const { transactionId } = await bench.charge(1, TAGS.colleague);
      await reports(stage, 2, 'Reserved');
      const remote = { connectorId: 2, idTag: TAGS.colleague };
      assert.equal((await system.call('RemoteStartTransaction', remote)).status, 'Rejected');
      point.tell('plug 2');
      point.tell(`tag 2 ${TAGS.driver}`);
      const start = await books.until('StartTransaction', { reservationId: 76 });
      assert.equal(start.params.connectorId, 2);
      point.tell(`tag 2 ${TAGS.driver}`);
      await bench.stopped(start.answer.transactionId, 'Local');
      await bench.unplug(2);
      point.tell(`tag 1 ${TAGS.colleague}`);
      await bench.stopped(transactionId, 'Local');
      await bench.unplug(1);
    },

    'remote start on it': async ({ bench, books, point, system }) => {
      assert.equal(await reserve(system, 2, 77), 'Accepted');
      const start = (idTag) => system.call('RemoteStartTransaction', { connectorId: 2, idTag });
      assert.equal((await start(TAGS.colleague)).status, 'Rejected');
      assert.equal((await start(TAGS.driver)).status, 'Accepted');
      point.tell('plug 2');
      const { answer } = await books.until('StartTransaction', { reservationId: 77 });
      point.tell(`tag 2 ${TAGS.driver}`);
      await bench.stopped(answer.transactionId, 'Local');
      await bench.unplug(2);
    },

    'it survives a power loss': async (stage) => {
      const { bench, point, system } = stage;
      assert.equal(await reserve(system, 1, 78), 'Accepted');
      const connections = system.connections.mark;
      point.tell('power-loss');
      await system.connection(connections);
      // The last of the reports after the boot.
      await reports(stage, 2, 'Available');
      assert.equal(stage.books.statuses.get(1), 'Reserved');
      point.tell('status');
      assert.equal(await cancel(system, 78), 'Accepted');
      await bench.caughtUp();
    },

    'what is in use: Occupied': async (stage) => {
      const { bench, system } = stage;
      assert.equal(await reserve(system, 1, 79), 'Accepted');
      assert.equal(await reserve(system, 1, 80), 'Occupied');
      await bench.plug(2);
      assert.equal(await reserve(system, 2, 80), 'Occupied');
      assert.equal(await reserve(system, 0, 80), 'Occupied');
      await bench.unplug(2);
      assert.equal(await cancel(system, 79), 'Accepted');
      await reports(stage, 1, 'Available');
    },

    'what is broken: Faulted; out of service: Unavailable': async (stage) => {
      const { point, system } = stage;
      point.tell('fault 1 GroundFailure');
      await reports(stage, 1, 'Faulted');
      assert.equal(await reserve(system, 1, 81), 'Faulted');
      point.tell('clear 1');
      const change = (type) => system.call('ChangeAvailability', { connectorId: 2, type });
      await change('Inoperative');
      assert.equal(await reserve(system, 2, 81), 'Unavailable');
      await change('Operative');
      await reports(stage, 2, 'Available');
    },

    'a fault ends it': async (stage) => {
      const { point, system } = stage;
      assert.equal(await reserve(system, 1, 82), 'Accepted');
      point.tell('fault 1 GroundFailure');
      await reports(stage, 1, 'Faulted');
      assert.equal(await cancel(system, 82), 'Rejected');
      point.tell('clear 1');
      await reports(stage, 1, 'Available');
    },

    'no such connector, or a time that has passed: Rejected': async ({ system }) => {
      assert.equal(await reserve(system, 9, 83), 'Rejected');
      const expiryDate = new Date(Date.now() - 60e3).toISOString();
      assert.equal(await reserve(system, 1, 83, { expiryDate }), 'Rejected');
      assert.equal(await cancel(system, 83), 'Rejected');
    },

    'without an expiryDate: ProtocolError': async ({ system }) => {
      const request = { connectorId: 1, reservationId: 84, idTag: TAGS.driver };
      assert.equal(await system.malformedCall('ReserveNow', request), 'ProtocolError');
    },

    'a reservationId that is no number: TypeConstraintViolation': async ({ system }) => {
      const request = { reservationId: 'seven' };
      assert.equal(await system.malformedCall('CancelReservation', request),
        'TypeConstraintViolation');
    },
  },
};
