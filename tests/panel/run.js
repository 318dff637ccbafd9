'use strict';

// A whole session in the panel, by a browser without a window.
//
//   CHARGE_POINT        the binary
//   PANEL_NODE_MODULES  the node_modules directory that holds playwright-core and ocpp-rpc
//   CHROMIUM            the browser
//   PICTURES            optional: the directory that screenshots are written into

const { CentralSystem, modules } = require('./central_system');
const { ChargePoint } = require('./charge_point');
const { Session } = require('./session');

const { chromium } = modules('playwright-core');
const RUN_WITHIN_MS = process.env.PICTURES ? 180000 : 90000;

async function main() {
  const central = new CentralSystem();
  await central.listen();
  const point = new ChargePoint();
  process.on('exit', () => point.kill());
  setTimeout(() => { throw new Error('the run took too long'); }, RUN_WITHIN_MS).unref();
  const url = await point.start(['--csms', central.url, '--id', 'CP-1']);
  // In a container the browser has no sandbox of its own.
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] });
  const session = new Session({ browser, central, url, pictures: process.env.PICTURES });
  await session.open();
  let [passed, failed] = [0, 0];
  for (const name of Session.STEPS) {
    const began = Date.now();
    try {
      await session[name]();
      passed += 1;
      console.log(`ok   ${name} (${Date.now() - began} ms)`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL ${name}: ${error.stack}`);
      if (process.env.FAILURE) await session.page.screenshot({ path: process.env.FAILURE, fullPage: true });
      break;
    }
  }
  await browser.close();
  point.kill();
  await central.close();
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
