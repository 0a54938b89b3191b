// One viewer on two devices, and a server that dies under a playing page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './harness.mjs';
import { Player, assertNear } from './player.mjs';
import { browser, server } from './stage.mjs';

const point = (video) => server.point('mia', video);

test('the newer playhead wins, and a paused device does not take it back', async () => {
  const tv = await Player.open(await browser.device(), server, '/demo?as=mia&watch=film');
  await tv.beats(1);
  await tv.seek(40);
  await tv.reach(41);
  await tv.pause();
  const left = await tv.time();
  await until(async () => (await point('film')).position_ms >= 40_000, 'the TV’s last word');

  const phone = await Player.open(await browser.device(), server,
    '/demo?as=mia&device=phone&watch=film');
  assertNear(await phone.resumed(), left, 1);
  await phone.note('where the TV left off');
  const toldByTv = tv.reports.length;
  await phone.beats(3);
  await phone.pause();
  const newer = await phone.time();
  // A pause within a second of the beat before it is no news.
  await until(async () => {
    const { position_ms, device } = await point('film');
    return device === 'phone' && Math.abs(position_ms - newer * 1000) <= 1000;
  }, 'the phone’s pause');
  assert.equal(tv.reports.length, toldByTv, 'a paused TV says nothing');

  await tv.page.reload();
  assertNear(await tv.resumed(), newer, 1);
  await tv.note('where the phone left off');
  for (const player of [tv, phone]) {
    await player.assertClean();
    await player.page.context().close();
  }
});

test('going back counts too, and the furthest position is offered', async () => {
  const tv = await Player.open(await browser.device(), server, '/demo?as=mia&watch=ep-1');
  await tv.beats(1);
  await tv.seek(50);
  await tv.beats(2);
  await tv.seek(10);
  await tv.reach(11);
  await tv.pause();
  await until(async () => (await point('ep-1')).position_ms < 20_000, 'the newest position');

  const phone = await Player.open(await browser.device(), server,
    '/demo?as=mia&device=phone&watch=ep-1');
  assertNear(await phone.resumed(), await tv.time(), 1);
  const jump = phone.page.getByRole('button', { name: /You were at \d:\d\d already/ });
  await jump.click();
  await phone.reach(50);
  await jump.waitFor({ state: 'hidden' });
  for (const player of [tv, phone]) {
    await player.assertClean();
    await player.page.context().close();
  }
});

test('a server that is killed under a playing page loses nothing and shows no error', async () => {
  const player = await Player.open(browser.context, server, '/demo?as=noah&watch=film');
  await player.beats(2);
  const answered_ms = player.reports.at(-1).position_ms;
  player.outage = true;
  await server.kill9();
  const before_s = await player.time();
  await player.reach(before_s + 8);
  await server.start();
  const after_s = await player.time();
  const { position_ms } = await server.point('noah', 'film');
  assert(position_ms >= answered_ms, 'what was answered is there after the restart');
  await until(async () => (await server.point('noah', 'film')).position_ms >= after_s * 1000 - 1000,
    'what was played meanwhile');
  player.outage = false;
  await player.beats(2);
  assert.equal(await player.page.locator('#connection').textContent(), '');
  await player.assertClean();
  await player.page.close();
});
