'use strict';

// What must hold for the whole run; looked at when it is over.

const assert = require('node:assert/strict');
const { CALL, CALLERROR, parse } = require('../frame_log');

const MESSAGE_ID_MAX = 36;

function none(faults) {
  assert.equal(faults.length, 0, `${faults.length}: ${faults.slice(0, 3).join(' | ')}`);
}

module.exports = {
  topic: 'whole run',
  asFound: true,
  scenarios: {
    'every frame is valid against the schemas of the package': async ({ frames }) => {
      assert.ok(frames.entries.length > 100, `${frames.entries.length} frames only`);
      none(frames.faults());
    },

    'the package had no complaint': async ({ frames, system }) => {
      none(system.complaints);
      const refusals = frames.since(0, ({ dir, expectInvalid, frame }) =>
        dir === 'in' && frame[0] === CALLERROR && !expectInvalid);
      none(refusals.map(({ text }) => text));
    },

    'message ids are short and never used twice': async ({ frames }) => {
      const texts = new Map();
      const faults = [];
      for (const { dir, frame, text } of frames.entries) {
        if (dir !== 'out' || frame[0] !== CALL) continue;
        const id = frame[1];
        const isResent = texts.get(id) === text;
        if (id.length > MESSAGE_ID_MAX || (texts.has(id) && !isResent)) faults.push(text);
        texts.set(id, text);
      }
      none(faults);
    },

    'the charge point waits for an answer before the next CALL': async ({ point }) => {
      const faults = [];
      let outstanding = null;
      for (const { event, dir, text } of point.events.entries) {
        if (event === 'disconnected') outstanding = null;
        if (event !== 'frame') continue;
        const [type, id] = parse(text);
        if (dir === 'in' && type !== CALL && id === outstanding) outstanding = null;
        if (dir !== 'out' || type !== CALL) continue;
        if (outstanding !== null) faults.push(text);
        outstanding = id;
      }
      none(faults);
    },

    'the frame events are what went over the wire': async ({ frames, point }) => {
      const printed = point.events.since(0, ({ event, dir }) => event === 'frame' && dir === 'out');
      let at = 0;
      const unprinted = [];
      for (const { text } of frames.since(0, ({ dir }) => dir === 'out')) {
        const found = printed.findIndex((entry, i) => i >= at && entry.text === text);
        if (found === -1) unprinted.push(text);
        else at = found + 1;
      }
      none(unprinted);
    },

    'every output line is a JSON event, in order of time': async ({ point }) => {
      none(point.strayLines);
      const { entries } = point.events;
      const early = entries.filter(({ t }, i) => i > 0 && t < entries[i - 1].t);
      none(early.map((entry) => JSON.stringify(entry)));
    },
  },
};
