'use strict';

// What a person does and sees in the panel of a fleet.

const assert = require('node:assert/strict');

const { Browsing } = require('./browsing');

class FleetSession extends Browsing {
  static STATIONS = 200;

  static STEPS = [
    'the table shows the fleet',
    'every control has a name',
    'the keyboard reaches the table',
    'stations are searched, sorted and turned over',
    'a station is opened and driven',
    'one without a link is found again',
    'something happens to all',
    'pictures are taken',
    'a phone has room for both',
    'nothing came from elsewhere, and nothing failed',
  ];

  get table() {
    return this.page.getByRole('region', { name: 'Stations' }).filter({ has: this.page.getByRole('table') }).last();
  }

  /** Waits for what stands above the table. */
  async counts(text) {
    await this.page.locator('.head [role=status]', { hasText: text }).waitFor();
  }

  async figure(name, value) {
    await this.page.locator('.totals div', { hasText: name }).getByText(value).waitFor();
  }

  async 'the table shows the fleet'() {
    await this.page.getByRole('heading', { name: '200 stations' }).waitFor();
    await this.figure('accepted', /^200$/);
    await this.counts('1 to 50 of 200');
    assert.equal(await this.table.getByRole('row').count(), 51);
    await this.sees(this.table.getByRole('row', { name: /CP00002/ }), /^online$/);
  }

  async 'the keyboard reaches the table'() {
    const { page } = this;
    const reached = new Set();
    for (let presses = 0; presses < 32; presses += 1) {
      await page.keyboard.press('Tab');
      reached.add(await page.evaluate(() => document.activeElement.textContent.trim()));
    }
    for (const name of ['Stations', 'Cut the power of all', 'Restart all', 'Power', 'CP00001']) assert.ok(reached.has(name), `${name} is not reached`);
  }

  async 'stations are searched, sorted and turned over'() {
    const { page, table } = this;
    await this.button('Forward').click();
    await this.counts('51 to 100 of 200');
    await table.getByRole('link', { name: 'CP00051' }).waitFor();
    await page.getByLabel('Search').fill('cp0012');
    await this.counts('1 to 10 of 10, of 200 in all');
    assert.ok(await this.button('Back').isDisabled());
    await page.getByLabel('Search').fill('');
    await page.getByLabel('A connector is').selectOption('Charging');
    await this.button('Power', table).click();
    const head = table.getByRole('columnheader', { name: 'Power' });
    await page.waitForFunction(() => document.querySelector('th[aria-sort]')?.textContent === 'Power');
    assert.equal(await head.getAttribute('aria-sort'), 'descending');
    await table.locator('tbody tr').first().getByText('Charging').first().waitFor();
    await page.getByLabel('A connector is').selectOption('');
    await page.getByLabel('Sorted by').selectOption('id');
    await page.getByLabel('Order').selectOption('ascending');
    await table.locator('tbody tr').first().getByText('CP00001').waitFor();
  }

  async 'a station is opened and driven'() {
    const { page } = this;
    await page.getByLabel('Search').fill('CP00007');
    await this.table.getByRole('link', { name: 'CP00007' }).click();
    await page.getByRole('heading', { name: 'CP00007' }).waitFor();
    await this.sees(page.getByRole('region', { name: 'Charge point' }), /^online$/);
    const connector = this.connector(1);
    await connector.getByText(/^(Available|Charging|Preparing)$/).waitFor();
    if (await this.button('Unplug', connector).isVisible()) await this.button('Unplug', connector).click();
    await this.sees(connector, /^Available$/);
    await this.button('Plug in', connector).click();
    await this.sees(connector, /^Preparing$/);
    await connector.getByLabel('idTag').fill('04A1B2C3D4E5F6');
    await this.button('Swipe', connector).click();
    await this.sees(connector, /^Charging$/);
    await this.sees(connector, 'until it is unplugged and works');
    await connector.locator('.figures').getByText(/[\d.]+ kW/).waitFor();
    const frames = page.getByRole('region', { name: 'Frames' });
    await frames.getByRole('button', { name: /StartTransaction\.req/ }).first().click();
    await this.sees(page.getByRole('region', { name: 'Readable' }), 'meterStart');
    await page.getByLabel('Search keys').fill('sampleint');
    await page.getByLabel('MeterValueSampleInterval', { exact: true }).fill('5');
    await page.keyboard.press('Enter');
    await this.sees(page.getByRole('tabpanel'), 'Accepted');
    await connector.getByText('Power, faults').click();
    await this.button('Break', connector).click();
    await this.sees(connector, /^Faulted$/);
    await this.button('Clear', connector).click();
    await this.sees(connector, /^Charging$/);
    await this['every control has a name']();
  }

  async 'one without a link is found again'() {
    const { page } = this;
    await this.button('Cut the link').click();
    await this.sees(page.getByRole('region', { name: 'Charge point' }), /^link is cut$/);
    await page.getByRole('link', { name: 'Stations' }).click();
    // What was looked for is still there.
    assert.equal(await page.getByLabel('Search').inputValue(), 'CP00007');
    await page.getByLabel('Search').fill('');
    await page.getByLabel('Connection').selectOption('down');
    await this.counts('1 to 1 of 1, of 200 in all');
    await this.sees(this.table.getByRole('row', { name: /CP00007/ }), /^lost, /);
    await page.getByLabel('Connection').selectOption('');
    await this.counts('1 to 50 of 200');
  }

  async 'something happens to all'() {
    await this.button('Restart all').click();
    await this.figure('accepted', /^\d{1,2}$|^1\d\d$/);
    // All but the one without a link.
    await this.figure('accepted', /^199$/);
    await this.page.getByLabel('Share').fill('nothing');
    await this.button('Vehicles come').click();
    await this.sees(this.page.getByRole('alert'), /surge|number/);
    await this.page.getByLabel('Share').fill('50%');
    await this.button('Vehicles come').click();
    await this.page.locator('#said', { hasText: 'All stations: surge 50%' }).waitFor({ state: 'attached' });
  }

  async 'pictures are taken'() {
    if (!this.pictures) return;
    const { page } = this;
    await page.getByLabel('Sorted by').selectOption('power');
    await page.getByLabel('Order').selectOption('descending');
    await page.waitForTimeout(15000);
    await page.evaluate(() => document.activeElement.blur());
    await this.shoot('fleet', { clip: { x: 0, y: 0, width: 1440, height: 1000 } });
    await page.setViewportSize({ width: 390, height: 844 });
    await page.evaluate(() => document.getElementById('table').scrollIntoView());
    await page.waitForTimeout(500);
    await this.shoot('fleet-phone');
    await page.setViewportSize({ width: 1440, height: 1150 });
    await page.locator('tbody a').first().click();
    await this.connector(1).waitFor();
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.waitForTimeout(10000);
    await this.shoot('fleet-station');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.getByRole('link', { name: 'Stations' }).click();
  }

  async 'a phone has room for both'() {
    const { page } = this;
    await this.counts('1 to 50 of 200');
    await this.fits();
    await page.locator('tbody a').first().click();
    await this.connector(2).waitFor();
    await this.fits();
  }
}

module.exports = { FleetSession };
