'use strict';

const assert = require('node:assert/strict');
const { CONFIGURATION } = require('../bench');
const { names } = require('../readings');
const { TAGS } = require('../books');

/** Every measurand of OCPP 1.6. */
const MEASURANDS = [
  ...['Active', 'Reactive'].flatMap((kind) => ['Import', 'Export'].flatMap((way) =>
    ['Register', 'Interval'].map((what) => `Energy.${kind}.${way}.${what}`))),
  'Power.Active.Import',
  'Power.Active.Export',
  'Power.Offered',
  'Power.Reactive.Import',
  'Power.Reactive.Export',
  'Power.Factor',
  'Current.Import',
  'Current.Export',
  'Current.Offered',
  'Voltage',
  'Frequency',
  'Temperature',
  'SoC',
  'RPM',
];

/** Every configuration key of the Core profile. */
const CORE_KEYS = [
  'AllowOfflineTxForUnknownId',
  'AuthorizationCacheEnabled',
  'AuthorizeRemoteTxRequests',
  'BlinkRepeat',
  'ClockAlignedDataInterval',
  'ConnectionTimeOut',
  'ConnectorPhaseRotation',
  'ConnectorPhaseRotationMaxLength',
  'GetConfigurationMaxKeys',
  'HeartbeatInterval',
  'LightIntensity',
  'LocalAuthorizeOffline',
  'LocalPreAuthorize',
  'MaxEnergyOnInvalidId',
  'MeterValuesAlignedData',
  'MeterValuesAlignedDataMaxLength',
  'MeterValuesSampledData',
  'MeterValuesSampledDataMaxLength',
  'MeterValueSampleInterval',
  'MinimumStatusDuration',
  'NumberOfConnectors',
  'ResetRetries',
  'StopTransactionOnEVSideDisconnect',
  'StopTransactionOnInvalidId',
  'StopTxnAlignedData',
  'StopTxnAlignedDataMaxLength',
  'StopTxnSampledData',
  'StopTxnSampledDataMaxLength',
  'SupportedFeatureProfiles',
  'SupportedFeatureProfilesMaxLength',
  'TransactionMessageAttempts',
  'TransactionMessageRetryInterval',
  'UnlockConnectorOnEVSideDisconnect',
  'WebSocketPingInterval',
];

async function change({ system }, key, value) {
  const { status } = await system.call('ChangeConfiguration', { key, value });
  return status;
}

/** The entry of one key: `{ key, readonly, value }`. */
async function entryOf({ system }, key) {
  const { configurationKey = [] } = await system.call('GetConfiguration', { key: [key] });
  assert.equal(configurationKey.length, 1, `${key} is there ${configurationKey.length} times`);
  return configurationKey[0];
}

/** Such a change is rejected and the value stays as it is. */
function rejected(key, value) {
  return async (stage) => {
    const before = await entryOf(stage, key);
    assert.equal(await change(stage, key, value), 'Rejected');
    assert.deepEqual(await entryOf(stage, key), before);
  };
}

/** What the first MeterValues of a transaction holds; the list is as before afterwards. */
async function sampled({ bench, books, point }) {
  const { transactionId, ...start } = await bench.charge(1);
  const { params } = await books.until('MeterValues', { transactionId }, { after: start });
  point.tell(`tag 1 ${TAGS.driver}`);
  await bench.stopped(transactionId, 'Local');
  await bench.unplug(1);
  await bench.set('MeterValuesSampledData', CONFIGURATION.MeterValuesSampledData);
  return names(params.meterValue[0]);
}

module.exports = {
  topic: 'configuration',
  scenarios: {
    'get: all keys': async ({ system }) => {
      const { configurationKey, unknownKey = [] } = await system.call('GetConfiguration');
      const values = new Map(configurationKey.map(({ key, value }) => [key, value]));
      assert.deepEqual(CORE_KEYS.filter((key) => !values.has(key)), [], 'missing keys');
      assert.equal(values.size, configurationKey.length, 'a key is there twice');
      assert.deepEqual(unknownKey, []);
      assert.equal(values.get('NumberOfConnectors'), '2');
      assert.equal(values.get('HeartbeatInterval'), '300');
      assert.match(values.get('SupportedFeatureProfiles'), /\bCore\b/);
    },

    'get: an empty list of keys means all': async ({ system }) => {
      const { configurationKey } = await system.call('GetConfiguration', { key: [] });
      assert.ok(configurationKey.length >= CORE_KEYS.length);
    },

    'get: some keys': async ({ system }) => {
      const key = ['NumberOfConnectors', 'HeartbeatInterval'];
      const { configurationKey, unknownKey = [] } = await system.call('GetConfiguration', { key });
      assert.deepEqual(configurationKey.map((entry) => entry.key).sort(), [...key].sort());
      assert.deepEqual(unknownKey, []);
      assert.equal((configurationKey.find((e) => e.key === 'NumberOfConnectors')).readonly, true);
      assert.equal((configurationKey.find((e) => e.key === 'HeartbeatInterval')).readonly, false);
    },

    'get: an unknown key': async ({ system }) => {
      const key = ['NoSuchKey'];
      const { configurationKey = [], unknownKey } = await system.call('GetConfiguration', { key });
      assert.deepEqual(configurationKey, []);
      assert.deepEqual(unknownKey, key);
    },

    'get: known and unknown keys': async ({ system }) => {
      const key = ['NoSuchKey', 'ConnectionTimeOut', 'NorThisOne'];
      const { configurationKey, unknownKey } = await system.call('GetConfiguration', { key });
      assert.deepEqual(configurationKey.map((entry) => entry.key), ['ConnectionTimeOut']);
      assert.deepEqual([...unknownKey].sort(), ['NoSuchKey', 'NorThisOne']);
    },

    'change: an integer is accepted and reads back': async (stage) => {
      assert.equal(await change(stage, 'ConnectionTimeOut', '45'), 'Accepted');
      assert.equal((await entryOf(stage, 'ConnectionTimeOut')).value, '45');
    },

    'change: booleans are accepted in any case': async (stage) => {
      for (const value of ['TRUE', 'False', 'true', 'fAlSe']) {
        assert.equal(await change(stage, 'LocalPreAuthorize', value), 'Accepted', value);
        const entry = await entryOf(stage, 'LocalPreAuthorize');
        assert.equal(entry.value.toLowerCase(), value.toLowerCase());
      }
    },

    'change: a list of measurands is accepted and reads back': async (stage) => {
      const value = 'Energy.Active.Import.Register,Voltage';
      assert.equal(await change(stage, 'StopTxnSampledData', value), 'Accepted');
      assert.equal((await entryOf(stage, 'StopTxnSampledData')).value, value);
      assert.equal(await change(stage, 'StopTxnSampledData', ''), 'Accepted');
    },

    'change: what is measured is found out by trying, and all of it is reported': async (stage) => {
      const accepted = [];
      for (const measurand of MEASURANDS) {
        const status = await change(stage, 'MeterValuesSampledData', measurand);
        if (status === 'Accepted') accepted.push(measurand);
      }
      assert.ok(accepted.includes('Voltage') && !accepted.includes('RPM'), `${accepted}`);
      assert.equal(await change(stage, 'MeterValuesSampledData', accepted.join()), 'Accepted');
      const reported = new Set((await sampled(stage)).map((name) => name.split(' ')[0]));
      assert.deepEqual([...reported].sort(), [...accepted].sort());
    },

    'change: phases behind a dot and behind a dash': async (stage) => {
      for (const value of ['Voltage.L1,Current.Import.L3', 'Voltage-L1,Current.Import-L3']) {
        assert.equal(await change(stage, 'MeterValuesSampledData', value), 'Accepted');
        const entry = await entryOf(stage, 'MeterValuesSampledData');
        assert.equal(entry.value, 'Voltage.L1,Current.Import.L3');
      }
      assert.deepEqual(await sampled(stage), ['Voltage L1', 'Current.Import L3']);
    },

    'change: letters for an integer are rejected': rejected('ConnectionTimeOut', 'soon'),

    'change: a number with a tail is rejected': rejected('ConnectionTimeOut', '45s'),

    'change: a negative integer is rejected': rejected('MeterValueSampleInterval', '-5'),

    'change: no boolean is rejected': rejected('LocalPreAuthorize', 'maybe'),

    'change: a list with an unknown measurand is rejected whole':
      rejected('MeterValuesSampledData', 'Energy.Active.Import.Register,Happiness'),

    'change: a list with a measurand that is not measured is rejected whole':
      rejected('MeterValuesSampledData', 'Energy.Active.Import.Register,RPM'),

    'change: a list with a phase that is not measured is rejected whole':
      rejected('StopTxnSampledData', 'Voltage.L1,Voltage.N'),

    'change: a read-only key is rejected': rejected('NumberOfConnectors', '3'),

    'change: an unknown key is not supported': async (stage) => {
      assert.equal(await change(stage, 'NoSuchKey', '1'), 'NotSupported');
    },
  },
};
