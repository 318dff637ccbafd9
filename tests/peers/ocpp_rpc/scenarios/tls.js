'use strict';

// Another charge point, at a central system with TLS and Basic authentication: security profile 2.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Bench } = require('../bench');
const { Books } = require('../books');
const { CentralSystem } = require('../central_system');
const { ChargePoint } = require('../charge_point');
const { FrameLog } = require('../frame_log');

const IDENTITY = 'CP TLS';
/** Bytes that are no text: the password as the security whitepaper has it. */
const PASSWORD = Buffer.from('00ff3a80c3280d0a7fe29d9e01020304', 'hex');

/** A certificate for localhost, which is its own root, and its key. */
const REQUEST = `[req]
prompt = no
distinguished_name = name
x509_extensions = extensions
[name]
CN = central system
[extensions]
subjectAltName = DNS:localhost
basicConstraints = CA:FALSE
`;

/** Plays with what listens with TLS, and ends it. */
async function secured(play) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ocpp-rpc-tls-'));
  const file = (name) => path.join(folder, name);
  const [books, frames] = [new Books(), new FrameLog()];
  const system = new CentralSystem(books, frames);
  const points = [];
  const start = (password) => {
    fs.writeFileSync(file('password'), password);
    const port = system.port;
    const options = ['--ca', file('certificate'), '--password-file', file('password')];
    const csms = `wss://localhost:${port}/ocpp`;
    const point = new ChargePoint(process.env.CHARGE_POINT, { csms, id: IDENTITY, options });
    points.push(point);
    return point;
  };
  try {
    fs.writeFileSync(file('request'), REQUEST);
    execFileSync('openssl', [
      'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
      '-days', '2', '-config', file('request'), '-keyout', file('key'), '-out', file('certificate'),
    ], { stdio: 'pipe' });
    await system.listen({
      cert: fs.readFileSync(file('certificate')),
      key: fs.readFileSync(file('key')),
      password: PASSWORD,
    });
    await play({ books, frames, start, system });
  } finally {
    for (const point of points) point.kill();
    await system.close();
    fs.rmSync(folder, { recursive: true });
  }
}

module.exports = {
  topic: 'TLS',
  scenarios: {
    'a session over wss with a password of bytes': () => secured(async (stage) => {
      const { books, frames, start, system } = stage;
      const point = start(PASSWORD);
      const bench = new Bench({ system, books, point });
      await books.until('SecurityEventNotification', { type: 'StartupOfTheDevice' });
      const { transactionId } = await bench.charge(1);
      point.tell('unplug 1');
      await books.until('StopTransaction', { transactionId });
      const { configurationKey: [profile] } =
        await system.call('GetConfiguration', { key: ['SecurityProfile'] });
      assert.equal(profile.value, '2');
      point.tell('quit');
      assert.equal(await point.exited, 0);
      assert.deepEqual([...frames.faults(), ...system.complaints], []);
    }),

    'a wrong password gets no connection': () => secured(async ({ books, start }) => {
      const point = start('another password!');
      const { securityEvent } = await point.until('error');
      assert.equal(securityEvent, 'FailedToAuthenticateAtCentralSystem');
      assert.equal(books.boots, 0);
    }),
  },
};
