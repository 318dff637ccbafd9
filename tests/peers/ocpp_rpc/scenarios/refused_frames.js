'use strict';

const assert = require('node:assert/strict');

const TOMORROW = new Date(Date.now() + 24 * 3600e3).toISOString();

/** A good request for each feature profile that a charge point need not have. */
const BEYOND_CORE = {
  FirmwareManagement: ['GetDiagnostics', { location: 'ftp://127.0.0.1/logs' }],
  LocalAuthListManagement: ['GetLocalListVersion', {}],
  Reservation: ['ReserveNow', {
    connectorId: 1, expiryDate: TOMORROW, idTag: 'DRIVER-1', reservationId: 1,
  }],
  SmartCharging: ['ClearChargingProfile', {}],
};

/** The CALL is refused with `code`, and nothing else happens. */
function refused(code, action, ...payload) {
  return async ({ bench, books, system }) => {
    assert.equal(await system.malformedCall(action, ...payload), code);
    await bench.caughtUp();
    assert.deepEqual(books.all('StatusNotification'), []);
    assert.deepEqual(books.all('StartTransaction'), []);
    assert.equal(books.all('Heartbeat').length, 1);
  };
}

/** The CALL is refused; which code fits best is left to the charge point. */
function refusedSomehow(action, ...payload) {
  return async ({ bench, system }) => {
    const code = await system.malformedCall(action, ...payload);
    assert.equal(typeof code, 'string', 'it was answered with a CALLRESULT');
    await bench.caughtUp();
  };
}

/** The text gets no answer, and the next frame is handled normally. */
function dropped(...texts) {
  return async ({ bench, frames, system }) => {
    const since = frames.mark;
    for (const text of texts) system.malformedFrame(text);
    await bench.caughtUp();
    // The answer to the trigger, and the heartbeat it asked for.
    assert.equal(frames.since(since, ({ dir }) => dir === 'out').length, 2);
  };
}

module.exports = {
  topic: 'refused frames',
  scenarios: {
    'an unknown action: NotImplemented': refused('NotImplemented', 'MakeCoffee', {}),

    'an action of a profile that is not there: NotSupported': async ({ system }) => {
      const { configurationKey } = await system.call('GetConfiguration', {
        key: ['SupportedFeatureProfiles'],
      });
      const there = configurationKey[0].value.split(',');
      for (const [profile, [action, params]] of Object.entries(BEYOND_CORE)) {
        if (there.includes(profile)) continue;
        assert.equal(await system.refusal(action, params), 'NotSupported', action);
      }
    },

    'a missing field: ProtocolError': refused('ProtocolError', 'RemoteStopTransaction', {}),

    'the second of two fields missing: ProtocolError':
      refused('ProtocolError', 'ChangeConfiguration', { key: 'HeartbeatInterval' }),

    'a string for a number: TypeConstraintViolation':
      refused('TypeConstraintViolation', 'RemoteStopTransaction', { transactionId: 'seven' }),

    'a string for a list: TypeConstraintViolation':
      refused('TypeConstraintViolation', 'GetConfiguration', { key: 'HeartbeatInterval' }),

    'a string that is too long: PropertyConstraintViolation':
      refused('PropertyConstraintViolation', 'RemoteStartTransaction', { idTag: 'X'.repeat(21) }),

    'a value that is none of the list: PropertyConstraintViolation':
      refused('PropertyConstraintViolation', 'Reset', { type: 'Gentle' }),

    'an unknown field: FormationViolation':
      refused('FormationViolation', 'UnlockConnector', { connectorId: 1, force: true }),

    'a payload that is a list: an error': refusedSomehow('ClearCache', [1]),

    'no payload at all: an error': refusedSomehow('ClearCache'),

    'text that is not JSON is dropped': dropped('{not json', '[2,"cut off","Reset",{"type":"Ha'),

    'an unknown message type is ignored': dropped('[9,"future","Reset",{"type":"Hard"}]'),

    'an answer to no CALL changes nothing':
      dropped('[3,"nobody-asked",{}]', '[4,"nobody-asked","GenericError","",{}]'),
  },
};
