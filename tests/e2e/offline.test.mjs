// Playing on without a network, and coming back.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { until } from './harness.mjs';
import { Player, assertNear } from './player.mjs';
import { browser, server } from './stage.mjs';

// Ages are counted in milliseconds, and the request takes some more.
const kClockSlackMs = 500;

// A test that fails in the middle must not leave the next one without a network.
afterEach(() => browser.context.setOffline(false));

const heldMs = async (video) => (await server.point('mia', video))?.position_ms;

async function goOffline(player) {
  player.outage = true;
  await player.page.context().setOffline(true);
}

test('a minute of playback without a network reaches the server afterwards', async () => {
  const player = await Player.open(browser.context, server, '/demo?as=mia&watch=film');
  await player.beats(1);
  await goOffline(player);
  const before_s = await player.time();
  await player.reach(before_s + 60);
  assertNear(await heldMs('film') / 1000, before_s, 3);
  await player.page.locator('#connection', { hasText: 'Offline' }).waitFor();
  const after_s = await player.time();
  await player.page.context().setOffline(false);
  await until(async () => await heldMs('film') >= after_s * 1000 - 1000, 'what was played offline');
  await player.page.locator('#connection', { hasText: /^$/ }).waitFor({ state: 'attached' });
  player.outage = false;
  await player.beats(1);
  await player.assertClean();
  await player.page.close();
});

test('what a closed tab could not say is said at the next visit, dated as it was', async () => {
  const player = await Player.open(browser.context, server, '/demo?as=mia&watch=ep-1');
  await player.beats(1);
  // The developer tools' offline mode does not hold what a page sends as it goes: no server does.
  await server.kill9();
  player.outage = true;
  await player.seek(30);
  await player.reach(36);
  const closedAt = Date.now();
  await player.page.close({ runBeforeUnload: true });
  await until(() => player.page.isClosed(), 'the tab to close');
  await server.start();
  assert(await heldMs('ep-1') < 30_000, 'the server was not away');

  const back = await Player.open(browser.context, server, '/demo?as=mia');
  await until(async () => await heldMs('ep-1') >= 35_000, 'what was played meanwhile');
  const { watched_at } = await server.point('mia', 'ep-1');
  assert(watched_at <= closedAt + kClockSlackMs, 'dated later than it was watched');
  await back.page.locator('#row').getByRole('link', { name: /^Resume Colour Bars/ }).click();
  const resumed = await back.resumed();
  assert(resumed >= 35, `resumed at ${resumed} s`);
  await back.assertClean();
  await back.page.close();
});
