// Coming back: after a reload, and after each way in which a page can end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kBeatMs, until } from './harness.mjs';
import { Player, assertNear } from './player.mjs';
import { browser, server } from './stage.mjs';

// A request's way, and a busy machine's timers.
const kSlackS = 1;
const kBeatS = kBeatMs / 1000 + kSlackS;

/** What the server holds, in seconds, once what was on its way has arrived. */
async function held(viewer, video) {
  let last;
  await until(async () => {
    const now = (await server.point(viewer, video))?.position_ms;
    const same = now !== undefined && now === last;
    last = now;
    if (!same) await new Promise((resolve) => setTimeout(resolve, 500));
    return same;
  }, 'the server to have heard the last of it');
  return last / 1000;
}

/** Plays a title for some beats, and then a bit that only the player knows of. */
async function watch(context, address) {
  const player = await Player.open(context, server, address);
  await player.beats(2);
  await player.reach(player.reports.at(-1).position_ms / 1000 + 1);
  return player;
}

const tell = (t, way, left, kept, resumed) => t.diagnostic(
  `${way}: left at ${left.toFixed(2)} s, server has ${kept.toFixed(2)} s` +
  (resumed === undefined ? '' : `, resumed at ${resumed.toFixed(2)} s`));

async function comesBack(context, address) {
  const player = await Player.open(context, server, address);
  const resumed = await player.resumed();
  await player.note('Resumed at');
  await player.assertClean();
  await player.page.close();
  return resumed;
}

test('a reload resumes within a second of where it was', async (t) => {
  const player = await watch(browser.context, '/demo?as=mia&watch=film');
  await player.page.reload();
  const resumed = await player.resumed();
  const left = await player.left();
  tell(t, 'reload', left, resumed);
  assertNear(resumed, left, 1);
  await player.note('Resumed at');
  await player.beats(1);
  await player.assertClean();
  await player.page.close();
});

test('a tab that is closed says its last word', async (t) => {
  const player = await watch(browser.context, '/demo?as=mia&watch=ep-1');
  await player.assertClean();
  await player.page.close({ runBeforeUnload: true });
  await until(() => player.page.isClosed(), 'the tab to close');
  const kept = await held('mia', 'ep-1');
  const back = await Player.open(browser.context, server, '/demo?as=mia');
  const left = await back.left();
  await back.page.close();
  const resumed = await comesBack(browser.context, '/demo?as=mia&watch=ep-1');
  tell(t, 'tab closed', left, kept, resumed);
  assertNear(kept, left, kSlackS);
  assertNear(resumed, left, kSlackS);
});

test('a context that is closed loses at most a beat', async (t) => {
  const context = await browser.device();
  const player = await watch(context, '/demo?as=mia&watch=ep-2');
  await player.assertClean();
  const left = await player.time();
  await context.close();
  const kept = await held('mia', 'ep-2');
  const resumed = await comesBack(await browser.device(), '/demo?as=mia&watch=ep-2');
  tell(t, 'context closed', left, kept, resumed);
  assertNear(kept, left, kBeatS);
  assertNear(resumed, kept, kSlackS);
});

for (const signal of ['SIGTERM', 'SIGKILL']) {
  test(`a browser that ends by ${signal} loses at most a beat`, async (t) => {
    const video = signal === 'SIGTERM' ? 'ep-3' : 'film';
    const player = await watch(browser.context, `/demo?as=noah&watch=${video}`);
    await player.assertClean();
    const left = await player.time();
    await browser.quit(signal);
    const kept = await held('noah', video);
    await browser.open();
    const resumed = await comesBack(browser.context, `/demo?as=noah&watch=${video}`);
    tell(t, `browser ended by ${signal}`, left, kept, resumed);
    assertNear(kept, left, kBeatS);
    assertNear(resumed, left, kBeatS);
    assert(resumed >= kept - kSlackS, 'the next visit goes back behind what the server had');
  });
}
