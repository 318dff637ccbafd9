'use strict';

// A page of a panel in a browser, and what has to be so on each of them.

const assert = require('node:assert/strict');
const path = require('node:path');

const SOON = 15000;

class Browsing {
  constructor({ browser, central, url, pictures }) {
    Object.assign(this, { browser, central, url, pictures });
    /** What the browser said, and what it asked others. */
    this.complaints = [];
  }

  async open() {
    const context = await this.browser.newContext({
      viewport: { width: 1440, height: 1150 }, colorScheme: 'light', locale: 'en-GB', timezoneId: 'UTC',
    });
    this.page = await context.newPage();
    this.page.setDefaultTimeout(SOON);
    const { origin } = new URL(this.url);
    this.page.on('request', (request) => {
      if (new URL(request.url()).origin !== origin) this.complaints.push(`asked ${request.url()}`);
    });
    this.page.on('console', (message) => {
      // A command that is refused is one of the steps.
      if (message.type() === 'error' && !/ 40[09] /.test(message.text())) this.complaints.push(message.text());
    });
    this.page.on('pageerror', (error) => this.complaints.push(error.stack));
    await this.page.goto(this.url);
  }

  connector(number) {
    return this.page.getByRole('article', { name: `Connector ${number}` });
  }

  button(name, within = this.page) {
    return within.getByRole('button', { name, exact: true });
  }

  async sees(within, text) {
    await within.getByText(text).first().waitFor();
  }

  async shoot(name, options = {}) {
    if (!this.pictures) return;
    await this.page.screenshot({ path: path.join(this.pictures, `${name}.png`), ...options });
  }

  /** Nothing is wider than a phone. */
  async fits(width = 360) {
    await this.page.setViewportSize({ width, height: 740 });
    const widths = await this.page.evaluate(() => [document.scrollingElement.scrollWidth, innerWidth]);
    assert.ok(widths[0] <= widths[1], `${widths}`);
  }

  async 'every control has a name'() {
    const nameless = await this.page.evaluate(() => {
      const controls = [...document.querySelectorAll('button, input, select, a, [role=tab], svg[role=img]')];
      const named = (it) => it.getAttribute('aria-label') || it.textContent.trim() || it.labels?.length > 0;
      return controls.filter((it) => it.tagName === 'SELECT' || it.tagName === 'INPUT' ? !(it.labels?.length || it.getAttribute('aria-label')) : !named(it)).map((it) => it.outerHTML);
    });
    assert.deepEqual(nameless, []);
    const ids = await this.page.evaluate(() => [...document.querySelectorAll('[id]')].map((it) => it.id));
    assert.equal(new Set(ids).size, ids.length, `an id twice: ${ids}`);
  }

  async 'nothing came from elsewhere, and nothing failed'() {
    assert.deepEqual(this.complaints, []);
  }
}

module.exports = { Browsing };
