// A page that ends in the middle of playing: what the service knows then, and after the next visit.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { kUntoldMs, openBrowser, openPage, openStage, playFor } from './browser.js';
import { until } from '../server.js';

let stage;
let profiles = 0;

before(async () => {
  // A second's beat, so that a test need not wait for ten.
  stage = await openStage({ 'http.playhead_interval_s': 1 });
});
after(() => stage?.close());

const start = async (t, { fetchLater = true } = {}) => {
  const profile = join(stage.folder, `profile-${++profiles}`);
  const context = await openBrowser(profile);
  t.after(() => context.close());
  if (!fetchLater) {
    await context.addInitScript(() => {
      window.fetchLater = undefined;
    });
  }
  const viewer = stage.viewer();
  // The first beat comes late in its ten seconds: had it just told the position, nothing would be
  // left for the closing word to tell, and there would be no local record.
  await context.addInitScript(() => {
    const random = Math.random;
    Math.random = () => 0.9 + random() / 10;
  });
  const page = await openPage(context, stage, viewer);
  await page.evaluate(() => {
    video.src = '/media/a/film.mp4';
    window.watch = playhead.track(video, { video: 'a' });
  });
  return { context, viewer, page, profile };
};

/** The next visit to the site: what is left there, and what is left once a list was shown. */
const visit = async (context, viewer) => {
  const page = await openPage(context, stage, viewer);
  const count = () => page.evaluate(() => Object.keys(localStorage).length);
  const before = await count();
  await page.evaluate(() => playhead.keepWatching());
  return [before, await count()];
};

const kEnds = {
  'the tab is closed': (page) => page.close({ runBeforeUnload: true }),
  'another address is opened': (page) => page.goto('about:blank'),
  'the page is loaded again': (page) => page.reload(),
};

for (const [what, end] of Object.entries(kEnds)) {
  for (const fetchLater of [true, false]) {
    test(`${what}, ${fetchLater ? 'fetchLater' : 'keepalive'}: nothing is lost`, async (t) => {
      const { context, viewer, page } = await start(t, { fetchLater });
      // Less than the first beat takes: only the closing word can tell.
      const left = await playFor(page, 3);
      assert.equal(await page.evaluate(() => typeof fetchLater === 'function'), fetchLater);
      await end(page);
      const told = await until(async () => {
        const found = await viewer.point('a');
        return found && found.position_ms >= left * 1000 - kUntoldMs && found;
      }, 'the closing word');
      assert.ok(told.position_ms < left * 1000 + 1000, `${told.position_ms} ${left}`);
      assert.deepEqual(await visit(context, viewer), [1, 0]);
      assert.equal((await viewer.point('a')).position_ms, told.position_ms);
    });
  }
}

for (const [what, end] of Object.entries({
  'the browser quits': ({ context }) => context.close(),
  'the page crashes': ({ page }) => page.goto('chrome://crash').catch(() => {}),
})) {
  test(`${what}: at most a beat is lost`, async (t) => {
    const scene = await start(t);
    await playFor(scene.page, 2);
    await scene.page.evaluate(() => watch.flush());  // its answer says how long a beat is
    const left = await playFor(scene.page, 14);  // the first beat comes within ten seconds
    await end(scene);
    const told = await scene.viewer.point('a');
    assert.ok(told.position_ms >= left * 1000 - 2200, `${told.position_ms} ${left}`);
  });
}

test('what two tabs could not send is replayed once, by one of the two that come', async (t) => {
  const { context, viewer, page } = await start(t);
  const other = await openPage(context, stage, viewer);
  await other.evaluate(() => {
    video.src = '/media/a/film.mp4';
    window.watch = playhead.track(video, { video: 'a' });
  });
  // What is to play without a network has to be there before.
  for (const tab of [page, other]) {
    await tab.evaluate(() => {
      video.preload = 'auto';
    });
    await tab.waitForFunction(() => video.buffered.length && video.buffered.end(0) >= 10, null,
      { polling: 50 });
  }
  await context.setOffline(true);
  for (const tab of [page, other]) {
    await tab.bringToFront();
    await playFor(tab, 2);
    await tab.evaluate(() => watch.stop());
  }
  const kept = await page.evaluate(() => Object.values(localStorage).map((text) =>
    JSON.parse(text).report));
  assert.deepEqual(kept.map(({ video_id }) => video_id), ['a', 'a']);
  for (const tab of [page, other]) await tab.close();
  await context.setOffline(false);
  const batches = [];
  context.on('request', (request) => {
    if (request.method() === 'POST') batches.push(JSON.parse(request.postData()));
  });
  await Promise.all([visit(context, viewer), visit(context, viewer)]);
  const sessions = batches.flatMap(({ reports }) => reports.map(({ session }) => session));
  assert.deepEqual(sessions.sort(), kept.map(({ session }) => session).sort());
  assert.ok((await viewer.point('a')).position_ms >= 2000 - kUntoldMs);
});
