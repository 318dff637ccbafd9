'use strict';

// The npm package ocpp-rpc, in strict mode, as the central system of the charge-point binary.
//
//   CHARGE_POINT        the binary
//   PEERS_NODE_MODULES  the node_modules directory that holds ocpp-rpc
//   FRAMES_OUT          optional: where the recorded frames go, one JSON object a line

const { Bench } = require('./bench');
const { Books } = require('./books');
const { CentralSystem } = require('./central_system');
const { ChargePoint } = require('./charge_point');
const { FrameLog } = require('./frame_log');
const { Report } = require('./report');

const IDENTITY = 'CP 1';
const RUN_WITHIN_MS = 150000;

/** In the order they run; the last two end the charge point and look back. */
const TOPICS = [
  require('./scenarios/boot'),
  require('./scenarios/session'),
  require('./scenarios/authorization'),
  require('./scenarios/remote_start'),
  require('./scenarios/remote_stop'),
  require('./scenarios/unlock'),
  require('./scenarios/availability'),
  require('./scenarios/configuration'),
  require('./scenarios/smart_charging'),
  require('./scenarios/cache_and_data'),
  require('./scenarios/local_list'),
  require('./scenarios/reservation'),
  require('./scenarios/trigger'),
  require('./scenarios/files'),
  require('./scenarios/security'),
  require('./scenarios/loose_frames'),
  require('./scenarios/refused_frames'),
  require('./scenarios/connection_loss'),
  require('./scenarios/reset'),
  require('./scenarios/tls'),
  require('./scenarios/console'),
  require('./scenarios/wire'),
];

async function main() {
  const binary = process.env.CHARGE_POINT;
  if (!binary) throw new Error('CHARGE_POINT does not name the charge-point binary');

  const frames = new FrameLog();
  const books = new Books();
  const system = new CentralSystem(books, frames);
  const port = await system.listen();
  const point = new ChargePoint(binary, { csms: `ws://127.0.0.1:${port}/ocpp`, id: IDENTITY });
  process.on('exit', () => point.kill());

  const report = new Report();
  const overtime = setTimeout(() => {
    console.log(`FAIL the run took more than ${RUN_WITHIN_MS / 1000} s`);
    report.failed += 1;
    finish();
  }, RUN_WITHIN_MS);
  const finish = () => {
    clearTimeout(overtime);
    point.kill();
    if (process.env.FRAMES_OUT) frames.write(process.env.FRAMES_OUT);
    if (report.failed && point.errorOutput) console.error(point.errorOutput.slice(-4000));
    process.exit(report.close());
  };

  const bench = new Bench({ system, books, point });
  const stage = { bench, books, frames, identity: IDENTITY, point, system };
  for (const { topic, asFound, scenarios } of TOPICS) {
    if (topic !== 'boot' && books.boots === 0) break;
    for (const [name, scenario] of Object.entries(scenarios)) {
      await report.step(`${topic}: ${name}`, async () => {
        if (!asFound) {
          if (!point.running) throw new Error(`the charge point has ended (${point.outcome})`);
          await bench.idle();
        }
        books.startScenario();
        await scenario(stage);
      });
    }
  }
  finish();
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

main().catch((error) => {
  console.log(`FAIL ${error.message}`);
  process.exit(1);
});
