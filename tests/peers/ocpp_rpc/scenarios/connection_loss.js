'use strict';

const assert = require('node:assert/strict');
const { setTimeout: pause } = require('node:timers/promises');
const { TAGS } = require('../books');
const { CALLRESULT } = require('../frame_log');
const { registerWh, utcMs } = require('../readings');

/** Long enough for two readings of the meter, which is read every second. */
const OFFLINE_READINGS_MS = [900, 900, 500];

/** Takes the link away once the charge point has no answer left to wait for. */
async function linkDown({ frames, point, system }) {
  const connection = system.connections.entries.at(-1);
  const since = point.events.mark;
  point.tell('link down');
  await point.until('disconnected', {}, { since });
  await connection.closed;
  return { connectionsBefore: system.connections.mark, framesBefore: frames.mark };
}

async function linkUp({ point, system }, { connectionsBefore }) {
  const since = point.events.mark;
  point.tell('link up');
  await system.connection(connectionsBefore);
  await point.until('connected', {}, { since });
}

/** Waits until the charge point has read the answer to the CALL `id`. */
async function answered({ point }, { id }) {
  const isAnswer = ({ dir, text }) => dir === 'in' && text.startsWith(`[${CALLRESULT},"${id}"`);
  await point.until('frame', isAnswer);
}

module.exports = {
  topic: 'connection loss',
  scenarios: {
    'a session that ends offline is delivered in order, once, without a boot': async (stage) => {
      const { bench, books, point } = stage;
      const { transactionId } = await bench.charge(1);
      point.tell('power 1 11000');
      const online = await books.until('MeterValues', { transactionId });
      await answered(stage, online);

      const before = await linkDown(stage);
      for (const ms of OFFLINE_READINGS_MS) await pause(ms);
      const since = point.events.mark;
      point.tell(`tag 1 ${TAGS.driver}`);
      await point.until('status', { connector: 1, status: 'Finishing' }, { since });
      assert.deepEqual(books.all('StopTransaction'), []);
      await linkUp(stage, before);

      const stop = await bench.stopped(transactionId, 'Local');
      await books.untilStatuses({ 1: 'Finishing' });
      await bench.caughtUp();
      assert.equal(stop.params.idTag, TAGS.driver);
      assert.deepEqual(books.all('BootNotification'), []);
      assert.equal(books.all('StopTransaction').length, 1);

      const readings = books.all('MeterValues', { transactionId });
      const queued = readings.filter(({ connection }) => connection === stop.connection);
      assert.ok(queued.length > 0, 'no readings from the time offline');
      assert.ok(readings.every(({ index }) => index < stop.index), 'readings after the stop');
      assertRising(readings);
      const last = readings.at(-1).params.meterValue.at(-1);
      assert.ok(stop.params.meterStop >= registerWh(last), 'meterStop below the last reading');
      assert.ok(utcMs(stop.params.timestamp) >= utcMs(last.timestamp));
      await bench.unplug(1);
    },

    'a status that changed offline is reported, one that did not is not': async (stage) => {
      const { bench, books, point } = stage;
      // A report whose answer has not arrived would rightly be told again.
      await bench.caughtUp();
      const before = await linkDown(stage);
      const since = point.events.mark;
      point.tell('plug 2');
      await point.until('status', { connector: 2, status: 'Preparing' }, { since });
      await linkUp(stage, before);
      await books.until('StatusNotification', { connectorId: 2, status: 'Preparing' });
      await bench.caughtUp();
      assert.deepEqual(books.all('BootNotification'), []);
      assert.deepEqual(books.all('StatusNotification', { connectorId: 1 }), []);
      await bench.unplug(2);
    },
  },
};

/** Each reading is later than the one before it and shows no less energy. */
function assertRising(readings) {
  const meterValues = readings.flatMap(({ params }) => params.meterValue);
  for (let i = 1; i < meterValues.length; i += 1) {
    const [earlier, later] = [meterValues[i - 1], meterValues[i]];
    assert.ok(utcMs(later.timestamp) > utcMs(earlier.timestamp), 'readings out of order or twice');
    assert.ok(registerWh(later) >= registerWh(earlier), 'the register went back');
  }
}
