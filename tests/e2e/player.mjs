// The demo as a viewer uses it, and what must hold of every page.
import assert from 'node:assert/strict';
import { kPatienceMs, until, within } from './harness.mjs';

// Runs in the page before anything of its own: keeps where the video was, and how often it jumped.
function record() {
  const keep = (name, value) => {
    try {
      localStorage.setItem(`test:${name}`, String(value));
    } catch { /* about:blank has no storage */ }
  };
  window.violations = [];
  window.seeks = [];
  addEventListener('securitypolicyviolation', (event) => {
    window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
  });
  const screen = () => document.getElementById('screen');
  addEventListener('pagehide', () => {
    if (screen()?.currentTime) keep('left', screen().currentTime);
  });
  addEventListener('seeking', ({ target }) => window.seeks.push(target.currentTime), true);
}

/** A page of the demo, with what went wrong in it. */
export class Player {
  troubles = [];
  /** What was reported and answered: { event, position_ms, status }. */
  reports = [];
  /** While the server or the network is away on purpose. */
  outage = false;

  static async open(context, server, address) {
    const player = new Player();
    player.server = server;
    player.page = await context.newPage();
    await player.#listen();
    await player.page.goto(server.origin + address);
    return player;
  }

  async #listen() {
    const { page, server } = this;
    page.on('console', (message) => {
      const network = message.text().includes('net::ERR_');
      if (message.type() === 'error' && !(this.outage && network)) {
        this.troubles.push(`console: ${message.text()}`);
      }
    });
    page.on('pageerror', (error) => this.troubles.push(`uncaught: ${error.message}`));
    page.on('request', (request) => {
      if (!request.url().startsWith(`${server.origin}/`)) {
        this.troubles.push(`left for ${request.url()}`);
      }
    });
    page.on('response', (response) => {
      const request = response.request();
      if (request.method() !== 'POST' || !request.url().endsWith('/v1/progress')) return;
      this.reports.push({ ...request.postDataJSON(), status: response.status() });
    });
    await page.addInitScript(record);
  }

  /** Nothing went wrong: no error, no violation of the policy, no request to anybody else. */
  async assertClean() {
    const violations = this.page.isClosed() ? []
      : await this.page.evaluate(() => window.violations ?? []);
    assert.deepEqual([...this.troubles, ...violations], []);
    if (this.page.isClosed()) return;
    assert.equal(await this.page.locator('[role=alert]').count(), 0);
    assert.equal(await this.page.evaluate(() => document.getElementById('screen').error), null);
  }

  time() {
    return this.page.evaluate(() => document.getElementById('screen').currentTime);
  }

  /** Waits until the video has played to here. */
  async reach(seconds) {
    // What is to be played takes its time before patience begins.
    const patienceMs = kPatienceMs + Math.max(seconds - await this.time(), 0) * 1000;
    await until(async () => await this.time() >= seconds, `${seconds} s to be played`, patienceMs);
  }

  /** Waits until `count` reports more are on the server. */
  async beats(count) {
    const wanted = this.reports.length + count;
    await until(() => this.reports.length >= wanted, `${count} reports`);
    assert.deepEqual(this.reports.filter(({ status }) => status !== 204), []);
  }

  pause() {
    return this.page.evaluate(() => document.getElementById('screen').pause());
  }

  play() {
    return this.page.evaluate(() => document.getElementById('screen').play());
  }

  seek(seconds) {
    return this.page.evaluate((to) => {
      document.getElementById('screen').currentTime = to;
    }, seconds);
  }

  /** Where playback started, in seconds: the client's own seek, once the video plays on from it. */
  async resumed() {
    const [first] = await until(async () => {
      const seeks = await this.page.evaluate(() => window.seeks);
      return seeks.length > 0 && seeks;
    }, 'the player to resume');
    await this.reach(first + 0.1);
    return first;
  }

  /** Where the video was when its page last went away, in seconds. */
  left() {
    return this.page.evaluate(() => Number(localStorage.getItem('test:left')));
  }

  async note(text) {
    await within(this.page.locator('#stage-note', { hasText: text }).waitFor(), text);
  }
}

export const assertNear = (seen, wanted, within_s) => {
  assert(Math.abs(seen - wanted) <= within_s, `${seen} s, not within ${within_s} s of ${wanted} s`);
};
