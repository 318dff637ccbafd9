'use strict';

// Every frame that crossed the websocket, raw. Directions are the charge point's, as in its own
// --json lines: "out" is what it sent, "in" is what it was sent.

const fs = require('node:fs');
const { Journal } = require('./journal');
const { createValidator, schemas } = require('./peer');

const CALL = 2;
const CALLRESULT = 3;
const CALLERROR = 4;

const ALWAYS = [
  'NotImplemented',
  'NotSupported',
  'InternalError',
  'ProtocolError',
  'SecurityError',
  'PropertyConstraintViolation',
  'TypeConstraintViolation',
  'GenericError',
];

/** Error codes by the subprotocol. */
const ERROR_CODES = {
  'ocpp1.6': [...ALWAYS, 'FormationViolation', 'OccurenceConstraintViolation'],
  'ocpp2.0.1': [
    ...ALWAYS,
    'FormatViolation',
    'OccurrenceConstraintViolation',
    'RpcFrameworkError',
    'MessageTypeNotSupported',
  ],
};

/** The elements of a frame; none when the text is no JSON array. */
function parse(text) {
  try {
    const frame = JSON.parse(text);
    return Array.isArray(frame) ? frame : [];
  } catch {
    return [];
  }
}

class FrameLog extends Journal {
  #malformed = new Set();

  constructor(subprotocol = 'ocpp1.6') {
    super('frames');
    this.subprotocol = subprotocol;
  }

  /** Announces a frame that is malformed on purpose. */
  expectInvalid(text) {
    this.#malformed.add(text);
  }

  record(dir, text) {
    const expectInvalid = dir === 'in' && this.#malformed.has(text);
    return this.add({ dir, text, frame: parse(text), expectInvalid });
  }

  /** Waits for the answer (CALLRESULT or CALLERROR) the charge point gives to the CALL `id`. */
  answerTo(id) {
    return this.until(
      ({ dir, frame }) => dir === 'out' && frame[0] !== CALL && frame[1] === id,
      { what: `answer to ${id}` },
    );
  }

  write(file) {
    const lines = this.entries.map(({ dir, text, expectInvalid }) =>
      JSON.stringify({ dir, text, expect_invalid: expectInvalid }));
    fs.writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  }

  /** What is wrong with the frames by the schemas of the package itself: one line for each. */
  faults() {
    const validator = createValidator(this.subprotocol, schemas[this.subprotocol]);
    const actions = { in: new Map(), out: new Map() };
    const faults = [];
    for (const { dir, text, frame, expectInvalid } of this.entries) {
      if (frame[0] === CALL) actions[dir].set(frame[1], frame[2]);
      if (expectInvalid) continue;
      const asked = actions[dir === 'in' ? 'out' : 'in'];
      const fault = faultOf(frame, asked, validator, ERROR_CODES[this.subprotocol]);
      if (fault) faults.push(`${fault}: ${dir} ${text}`);
    }
    return faults;
  }
}

function faultOf(frame, asked, validator, errorCodes) {
  const [type, id] = frame;
  if (type === CALLERROR) return callErrorFault(frame, asked, errorCodes);
  if (type !== CALL && type !== CALLRESULT) return 'not an OCPP-J frame';
  if (type === CALLRESULT && !asked.has(id)) return 'answers no CALL';
  const schema = type === CALL ? `urn:${frame[2]}.req` : `urn:${asked.get(id)}.conf`;
  try {
    validator.validate(schema, frame[type === CALL ? 3 : 2]);
    return frame.length === (type === CALL ? 4 : 3) ? null : 'wrong number of elements';
  } catch (error) {
    return error.message;
  }
}

function callErrorFault(frame, asked, errorCodes) {
  const [, id, code, description, details] = frame;
  if (frame.length !== 5) return 'wrong number of elements';
  if (!asked.has(id)) return 'answers no CALL';
  if (!errorCodes.includes(code)) return `${code} is no error code`;
  if (typeof description !== 'string' || description.length > 255) return 'bad description';
  const isObject = details !== null && typeof details === 'object' && !Array.isArray(details);
  return isObject ? null : 'details are not an object';
}

module.exports = { CALL, CALLERROR, CALLRESULT, FrameLog, parse };
