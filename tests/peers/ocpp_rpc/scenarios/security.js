'use strict';

// The messages of the security whitepaper, in a session without TLS.

const assert = require('node:assert/strict');
const { withServer } = require('./files');

const PAST = '2001-01-01T00:00:00Z';
const LOG = 'LogStatusNotification';
const ROOT = 'CentralSystemRootCertificate';
const HASHES = {
  hashAlgorithm: 'SHA256', issuerNameHash: 'aa', issuerKeyHash: 'bb', serialNumber: 'fff',
};

/** A log is uploaded, with its number in each status. */
async function uploaded({ books, system }, logType, requestId) {
  await withServer(async ({ url, put }) => {
    const { status, filename } = await system.call('GetLog', {
      logType, requestId, log: { remoteLocation: `${url}/logs/` },
    });
    assert.equal(status, 'Accepted');
    await books.until(LOG, { status: 'Uploaded', requestId });
    assert.ok(put.has(`/logs/${filename}`), `${filename} is not among ${[...put.keys()]}`);
  });
  assert.deepEqual(books.all(LOG).map(({ params }) => [params.status, params.requestId]),
    [['Uploading', requestId], ['Uploaded', requestId]]);
}

module.exports = {
  topic: 'security',
  scenarios: {
    'GetLog: diagnostics': (stage) => uploaded(stage, 'DiagnosticsLog', 1),

    'GetLog: the security log': (stage) => uploaded(stage, 'SecurityLog', -2),

    'GetLog: a server that is not there': async ({ books, system }) => {
      const { status } = await system.call('GetLog', {
        logType: 'SecurityLog', requestId: 3, log: { remoteLocation: 'http://127.0.0.1:9/' },
      });
      assert.equal(status, 'Accepted');
      await books.until(LOG, { status: 'UploadFailure', requestId: 3 });
    },

    'ExtendedTriggerMessage: what is known, and what is not known without CpoName':
      async ({ books, system }) => {
        for (const [requestedMessage, expected] of [
          ['Heartbeat', 'Accepted'],
          ['LogStatusNotification', 'Accepted'],
          ['FirmwareStatusNotification', 'Accepted'],
          ['SignChargePointCertificate', 'Rejected'],
        ]) {
          const { status } = await system.call('ExtendedTriggerMessage', { requestedMessage });
          assert.equal(status, expected, requestedMessage);
        }
        await books.until(LOG, { status: 'Idle' });
        await books.until('SignedFirmwareStatusNotification', { status: 'Idle' });
      },

    'SignedUpdateFirmware: a certificate that is none': async ({ system }) => {
      const { status } = await system.call('SignedUpdateFirmware', {
        requestId: 4,
        firmware: {
          location: 'http://127.0.0.1:9/image.bin',
          retrieveDateTime: PAST,
          signingCertificate: 'no certificate',
          signature: 'c2ln',
        },
      });
      assert.equal(status, 'InvalidCertificate');
    },

    'certificates: none is installed, and what is none cannot be': async ({ system }) => {
      for (const [action, params, expected] of [
        ['InstallCertificate', { certificateType: ROOT, certificate: 'no certificate' }, 'Rejected'],
        ['GetInstalledCertificateIds', { certificateType: ROOT }, 'NotFound'],
        ['DeleteCertificate', { certificateHashData: HASHES }, 'NotFound'],
        ['CertificateSigned', { certificateChain: 'no chain' }, 'Rejected'],
      ]) {
        const { status } = await system.call(action, params);
        assert.equal(status, expected, action);
      }
    },

    'keys: a security profile that cannot be, and a key that is none': async ({ system }) => {
      for (const [key, value] of [
        ['SecurityProfile', '0'], ['SecurityProfile', '3'], ['AuthorizationKey', 'too short'],
      ]) {
        const { status } = await system.call('ChangeConfiguration', { key, value });
        assert.equal(status, 'Rejected', `${key}=${value}`);
      }
      const { configurationKey } =
        await system.call('GetConfiguration', { key: ['AuthorizationKey'] });
      assert.deepEqual(configurationKey, [{ key: 'AuthorizationKey', readonly: false }]);
    },

    'GetLog without requestId: ProtocolError': async ({ system }) => {
      const log = { remoteLocation: 'http://127.0.0.1:9/' };
      assert.equal(await system.malformedCall('GetLog', { logType: 'SecurityLog', log }),
        'ProtocolError');
    },

    'InstallCertificate of an unknown type: PropertyConstraintViolation': async ({ system }) => {
      const params = { certificateType: 'V2GRootCertificate', certificate: 'x' };
      assert.equal(await system.malformedCall('InstallCertificate', params),
        'PropertyConstraintViolation');
    },
  },
};
