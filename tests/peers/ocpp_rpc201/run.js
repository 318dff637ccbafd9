'use strict';

// The npm package ocpp-rpc, in strict mode, as the CSMS of the charge-point binary, with OCPP
// 2.0.1 and the schemas of the package.
//
//   CHARGE_POINT        the binary
//   PEERS_NODE_MODULES  the node_modules directory that holds ocpp-rpc
//   FRAMES_OUT          optional: where the recorded frames go, one JSON object a line

const { CentralSystem } = require('../ocpp_rpc/central_system');
const { ChargePoint } = require('../ocpp_rpc/charge_point');
const { FrameLog } = require('../ocpp_rpc/frame_log');
const { Report } = require('../ocpp_rpc/report');
const { Bench } = require('./bench');
const { Books } = require('./books');

const IDENTITY = 'CS 1';
const SUBPROTOCOL = 'ocpp2.0.1';
const RUN_WITHIN_MS = 150000;

/** In the order they run; the last one looks back. */
const TOPICS = [
  require('./scenarios/boot'),
  require('./scenarios/variables'),
  require('./scenarios/session'),
  require('./scenarios/remote_control'),
  require('./scenarios/availability'),
  require('./scenarios/cache_and_data'),
  require('./scenarios/connection_loss'),
  require('./scenarios/reset'),
  require('./scenarios/wire'),
];

/** What the charging station is known to do otherwise: the step, and what it does. */
const GAPS = {};

async function main() {
  const binary = process.env.CHARGE_POINT;
  if (!binary) throw new Error('CHARGE_POINT does not name the charge-point binary');

  const frames = new FrameLog(SUBPROTOCOL);
  const books = new Books();
  const system = new CentralSystem(books, frames, SUBPROTOCOL);
  const port = await system.listen();
  const options = ['--ocpp', '2.0.1'];
  const csms = `ws://127.0.0.1:${port}/ocpp`;
  const point = new ChargePoint(binary, { csms, id: IDENTITY, options });
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
      const step = `${topic}: ${name}`;
      await report.step(step, async () => {
        if (!asFound) {
          if (!point.running) throw new Error(`the charging station has ended (${point.outcome})`);
          await bench.idle();
        }
        books.startScenario();
        await scenario(stage);
      }, GAPS[step]);
    }
  }
  finish();
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

main().catch((error) => {
  console.log(`FAIL ${error.message}`);
  process.exit(1);
});
