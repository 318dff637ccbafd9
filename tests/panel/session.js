'use strict';

// What a person does and sees. Things are found by their role and name, as a screen reader finds them.

const assert = require('node:assert/strict');

const { Browsing } = require('./browsing');

class Session extends Browsing {
  static STEPS = [
    'the page shows the station',
    'every control has a name',
    'the keyboard reaches everything',
    'a driver plugs in and swipes',
    'frames are found and read',
    'a charging profile limits and is drawn',
    'pictures are taken',
    'a key is changed',
    'a list, a reservation and profiles are shown',
    'a driver leaves',
    'something breaks and is mended',
    'the link is cut, and what waits is delivered',
    'power is lost',
    'what is refused is said',
    'a station is created and removed',
    'it connects elsewhere',
    'colours are chosen and kept',
    'a phone has room for it',
    'nothing came from elsewhere, and nothing failed',
  ];

  async 'the page shows the station'() {
    const { page } = this;
    await page.getByRole('heading', { name: 'CP-1' }).waitFor();
    await this.sees(page.getByRole('region', { name: 'Charge point' }), /^online$/);
    await this.sees(this.connector(1), /^Available$/);
    await this.sees(this.connector(2), /^Available$/);
    assert.match(await page.title(), /CP-1/);
  }

  async 'the keyboard reaches everything'() {
    const { page } = this;
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
    const reached = new Set();
    for (let presses = 0; presses < 40; presses += 1) {
      await page.keyboard.press('Tab');
      reached.add(await page.evaluate(() => document.activeElement.textContent.trim()));
    }
    for (const name of ['Stations', 'Cut the link', 'Reboot', 'Plug in', 'Swipe']) assert.ok(reached.has(name), `${name} is not reached`);
  }

  async 'a driver plugs in and swipes'() {
    const { page } = this;
    const connector = this.connector(1);
    // By the keyboard alone.
    await this.button('Plug in', connector).focus();
    await page.keyboard.press('Enter');
    await this.sees(connector, /^Preparing$/);
    await connector.getByLabel('idTag').fill('04A1B2C3D4E5F6');
    await page.keyboard.press('Enter');
    await this.sees(connector, /^Charging$/);
    await this.sees(connector, /^04A1B2C3D4E5F6$/);
    await page.locator('#said', { hasText: 'Connector 1: Charging' }).waitFor({ state: 'attached' });
    await connector.locator('.figures').getByText(/[\d.]+ kW/).waitFor();
  }

  async 'frames are found and read'() {
    const { page } = this;
    const frames = page.getByRole('region', { name: 'Frames' });
    await frames.getByLabel('Search').fill('04A1B2C3');
    await frames.getByLabel('Action').selectOption('StartTransaction');
    const row = frames.getByRole('button', { name: /StartTransaction\.req/ });
    await row.click();
    const detail = page.getByRole('region', { name: 'The chosen frame' });
    await this.sees(detail.getByRole('region', { name: 'Readable' }), 'meterStart');
    const raw = await detail.getByLabel('As it was sent').textContent();
    assert.equal(JSON.parse(raw)[2], 'StartTransaction');
    await frames.getByLabel('Search').fill('');
    await frames.getByLabel('Action').selectOption('');
    await frames.getByLabel('Direction').selectOption('in');
    const ways = await frames.locator('.frame').evaluateAll((rows) => rows.map((it) => it.classList.contains('in')));
    assert.ok(ways.length > 3 && ways.every(Boolean), 'only frames to the charge point');
    await frames.getByLabel('Direction').selectOption('');
    // Arrows go from row to row.
    await frames.locator('.frame').first().focus();
    await page.keyboard.press('ArrowDown');
    assert.ok(await frames.locator('li:nth-child(2) .frame').evaluate((it) => it === document.activeElement));
  }

  async 'a charging profile limits and is drawn'() {
    const { page } = this;
    const midnight = new Date();
    midnight.setUTCHours(0, 0, 0, 0);
    const periods = [[0, 16], [6, 10], [9, 24], [17, 8], [21, 16]];
    const told = await this.central.call('CP-1', 'SetChargingProfile', {
      connectorId: 0,
      csChargingProfiles: {
        chargingProfileId: 7, stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Recurring', recurrencyKind: 'Daily',
        chargingSchedule: {
          startSchedule: midnight.toISOString(), duration: 86400, chargingRateUnit: 'A',
          chargingSchedulePeriod: periods.map(([hour, limit]) => ({ startPeriod: hour * 3600, limit })),
        },
      },
    });
    assert.equal(told.status, 'Accepted');
    await this.sees(this.connector(1), /kW, \d+ A on 3 phases/);
    const schedule = page.getByRole('region', { name: 'Charging schedule' });
    await schedule.getByText(/^[4-7] periods as a table$/).click();
    const rows = await schedule.getByRole('row').count();
    assert.ok(rows >= 5, `${rows} rows`);
    assert.match(await schedule.getByRole('img').getAttribute('aria-label'), /from .* W/);
    await schedule.getByLabel('In', { exact: true }).selectOption('A');
    await this.sees(schedule, '24 A');
    await schedule.getByLabel('In', { exact: true }).selectOption('W');
    await schedule.getByText(/periods as a table$/).click();
  }

  async 'pictures are taken'() {
    if (!this.pictures) return;
    const { page } = this;
    await this.button('Plug in', this.connector(2)).click();
    await this.button('Swipe', this.connector(2)).click();
    await this.sees(this.connector(2), /^Charging$/);
    // Long enough for lines to be seen.
    await page.waitForTimeout(40000);
    const frames = page.getByRole('region', { name: 'Frames' });
    await frames.getByRole('button', { name: /StartTransaction\.req/ }).first().click();
    await page.evaluate(() => document.activeElement.blur());
    await this.shoot('desktop');
    await page.emulateMedia({ colorScheme: 'dark' });
    // Colours fade.
    await page.waitForTimeout(500);
    await this.shoot('dark');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 390, height: 844 });
    await page.waitForTimeout(1500);
    await this.shoot('phone');
    await page.setViewportSize({ width: 1440, height: 1150 });
    await this.button('Swipe', this.connector(2)).click();
    await this.sees(this.connector(2), /^Finishing$/);
    await this.button('Unplug', this.connector(2)).click();
    await this.sees(this.connector(2), /^Available$/);
  }

  async 'a key is changed'() {
    const { page } = this;
    await page.getByLabel('Search keys').fill('sampleint');
    const value = page.getByLabel('MeterValueSampleInterval', { exact: true });
    await value.fill('never');
    await this.button('Set MeterValueSampleInterval').click();
    await this.sees(page.getByRole('tabpanel'), 'Rejected');
    await value.fill('5');
    await page.keyboard.press('Enter');
    await this.sees(page.getByRole('tabpanel'), 'Accepted');
    const told = await this.central.call('CP-1', 'GetConfiguration', { key: ['MeterValueSampleInterval'] });
    assert.equal(told.configurationKey[0].value, '5');
    // What the central system changes is shown.
    await page.evaluate(() => document.activeElement.blur());
    await this.central.call('CP-1', 'ChangeConfiguration', { key: 'MeterValueSampleInterval', value: '9' });
    await page.waitForFunction(() => document.querySelector('[aria-label=MeterValueSampleInterval]')?.value === '9');
  }

  async 'a list, a reservation and profiles are shown'() {
    const { page } = this;
    await this.central.call('CP-1', 'SendLocalList', {
      listVersion: 3, updateType: 'Full', localAuthorizationList: [{ idTag: 'LISTED', idTagInfo: { status: 'Blocked' } }],
    });
    await this.central.call('CP-1', 'ReserveNow', {
      connectorId: 2, idTag: 'GUEST', reservationId: 11, expiryDate: '2099-01-01T00:00:00Z',
    });
    await this.sees(this.connector(2), /^Reserved$/);
    await this.sees(this.connector(2), 'for GUEST (11)');
    const panel = page.getByRole('tabpanel');
    await page.getByRole('tab', { name: 'Keys' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await this.sees(panel, 'GUEST');
    await page.getByRole('tab', { name: 'Local list' }).click();
    await this.sees(panel, 'LISTED');
    await this.sees(panel, 'Blocked');
    await page.getByRole('tab', { name: 'Profiles' }).click();
    await this.sees(panel, 'TxDefaultProfile');
    await page.getByRole('tab', { name: 'Events' }).click();
    await this.sees(panel, 'reservation');
    await this.central.call('CP-1', 'CancelReservation', { reservationId: 11 });
    await this.sees(this.connector(2), /^Available$/);
  }

  async 'a driver leaves'() {
    const connector = this.connector(1);
    await this.button('Swipe', connector).click();
    await this.sees(connector, /^Finishing$/);
    await this.button('Unplug', connector).click();
    await this.sees(connector, /^Available$/);
  }

  async 'something breaks and is mended'() {
    const connector = this.connector(2);
    await connector.getByText('Power, faults, lock, meter').click();
    await connector.getByLabel('Fault').selectOption('HighTemperature');
    await this.button('Break', connector).click();
    await this.sees(connector, /^Faulted$/);
    await this.sees(connector.locator('.facts'), /^HighTemperature/);
    await this.button('Clear', connector).click();
    await this.sees(connector, /^Available$/);
    await connector.getByLabel('Vehicle draws, W').fill('3300');
    await this.button('Set power', connector).click();
    await this.sees(connector, '3.30 kW, as set');
    await this.button('Like its battery', connector).click();
    await this.page.getByLabel('Any command of standard input').fill('suspend 2 evse');
    await this.page.keyboard.press('Enter');
    await this.sees(connector, 'by the charge point');
    await connector.getByLabel('Energy is held back by').selectOption('');
    await connector.getByText('by the charge point', { exact: true }).first().waitFor({ state: 'hidden' });
  }

  async 'the link is cut, and what waits is delivered'() {
    const { page } = this;
    const whole = page.getByRole('region', { name: 'Charge point' });
    const connector = this.connector(1);
    await this.button('Plug in', connector).click();
    await this.button('Swipe', connector).click();
    await this.sees(connector, /^Charging$/);
    await this.button('Cut the link').click();
    await this.sees(whole, 'link is cut');
    await this.button('Unplug', connector).click();
    await page.getByRole('tab', { name: 'Queue' }).click();
    await this.sees(page.getByRole('tabpanel'), /^stop$/);
    await this.sees(whole, /[1-9] messages? waits?/);
    await this.button('Mend the link').click();
    // It may be about to connect by itself.
    const now = this.button('Connect now');
    await page.waitForFunction(() => [...document.querySelectorAll('.summary .pill, .summary button:enabled')]
      .some((it) => ['online', 'Connect now'].includes(it.textContent)));
    if (await now.isEnabled()) await now.click({ timeout: 500 }).catch(() => {});
    await this.sees(whole, '0 messages wait');
    await this.sees(page.getByRole('tabpanel'), 'Nothing waits');
  }

  async 'power is lost'() {
    const { page } = this;
    await this.button('Cut power').click();
    const frames = page.getByRole('region', { name: 'Frames' });
    await frames.getByLabel('Action').selectOption('BootNotification');
    await page.waitForFunction(() => document.querySelectorAll('.frames .frame').length >= 4);
    await frames.getByLabel('Action').selectOption('');
    await this.sees(page.getByRole('region', { name: 'Charge point' }), /^online$/);
  }

  async 'what is refused is said'() {
    const connector = this.connector(2);
    await connector.getByLabel('idTag').fill('');
    await this.button('Swipe', connector).click();
    await this.sees(this.page.getByRole('alert'), /empty|idTag/);
    await connector.getByLabel('idTag').fill('04A1B2C3D4E5F6');
  }

  async 'a station is created and removed'() {
    const { page } = this;
    await page.getByRole('link', { name: 'Stations' }).click();
    await page.getByLabel('Identity').fill('CP-2');
    await this.button('Create').click();
    const row = page.getByRole('row', { name: /CP-2/ });
    await this.sees(row, /^online$/);
    await this.shoot('stations', { clip: { x: 0, y: 0, width: 1440, height: 420 } });
    await row.getByRole('link', { name: 'CP-2' }).click();
    await page.getByRole('heading', { name: 'CP-2' }).waitFor();
    await this.button('Plug in', this.connector(1)).click();
    await this.sees(this.connector(1), /^Preparing$/);
    await page.getByRole('link', { name: 'Stations' }).click();
    await this.button('Remove CP-2').click();
    await row.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'CP-1' }).click();
    await page.getByRole('heading', { name: 'CP-1' }).waitFor();
  }

  async 'it connects elsewhere'() {
    const { page } = this;
    await this.button('Connect elsewhere…').click();
    const dialog = page.getByRole('dialog', { name: 'Connect elsewhere' });
    assert.ok(await dialog.getByLabel('Central system').evaluate((it) => it === document.activeElement));
    await dialog.getByLabel('Identity').fill('CP-9');
    await this.button('Connect', dialog).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByRole('heading', { name: 'CP-9' }).waitFor();
    await this.sees(page.getByRole('region', { name: 'Charge point' }), /^online$/);
    const told = await this.central.call('CP-9', 'GetConfiguration', { key: ['MeterValueSampleInterval'] });
    assert.equal(told.configurationKey[0].value, '9', 'its records are as they were');
  }

  async 'colours are chosen and kept'() {
    const { page } = this;
    const back = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await back();
    await page.getByLabel('Colours').selectOption('dark');
    assert.notEqual(await back(), light);
    await page.reload();
    await page.getByRole('heading', { name: 'CP-9' }).waitFor();
    assert.notEqual(await back(), light);
    await page.getByLabel('Colours').selectOption('');
    assert.equal(await back(), light);
    await page.emulateMedia({ colorScheme: 'dark' });
    assert.notEqual(await back(), light);
    await page.emulateMedia({ colorScheme: 'light' });
  }

  async 'a phone has room for it'() {
    await this.connector(2).waitFor();
    await this.fits();
  }
}

module.exports = { Session };
