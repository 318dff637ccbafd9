'use strict';

// A whole session in the panel of a station, and one in that of a fleet, by a browser without a window.
//
//   CHARGE_POINT        the binary
//   PANEL_NODE_MODULES  the node_modules directory that holds playwright-core and ocpp-rpc
//   CHROMIUM            the browser
//   PICTURES            optional: the directory that screenshots are written into

const { CentralSystem, modules } = require('./central_system');
const { ChargePoint } = require('./charge_point');
const { FleetSession } = require('./fleet');
const { Session } = require('./session');

const { chromium } = modules('playwright-core');
const RUN_WITHIN_MS = process.env.PICTURES ? 240000 : 120000;

/** Goes through the steps of a session; true where all of them have passed. */
async function walk(session, steps) {
  await session.open();
  for (const name of steps) {
    const began = Date.now();
    try {
      await session[name]();
      console.log(`ok   ${name} (${Date.now() - began} ms)`);
    } catch (error) {
      console.log(`FAIL ${name}: ${error.stack}`);
      if (process.env.FAILURE) await session.page.screenshot({ path: process.env.FAILURE, fullPage: true });
      return false;
    }
  }
  return true;
}

async function main() {
  const central = new CentralSystem();
  await central.listen();
  const [point, fleet, server] = [new ChargePoint(), new ChargePoint(), new ChargePoint()];
  process.on('exit', () => [point, fleet, server].forEach((it) => it.kill()));
  setTimeout(() => { throw new Error('the run took too long'); }, RUN_WITHIN_MS).unref();
  const url = await point.start(['--csms', central.url, '--id', 'CP-1']);
  const csms = await server.startCentralSystem();
  const members = ['--stations', String(FleetSession.STATIONS), '--ramp', '1s', '--faults', '0', '--link-losses', '0', '--every', '60s'];
  const fleetUrl = await fleet.start(['fleet', '--csms', csms, ...members]);
  // In a container the browser has no sandbox of its own.
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] });
  const pictures = process.env.PICTURES;
  const passed = await walk(new Session({ browser, central, url, pictures }), Session.STEPS)
    && await walk(new FleetSession({ browser, url: fleetUrl, pictures }), FleetSession.STEPS);
  await browser.close();
  await central.close();
  process.exit(passed ? 0 : 1);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
