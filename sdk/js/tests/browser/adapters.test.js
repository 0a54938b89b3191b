// The adapters with the real players.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import {
  kUntoldMs, makeLive, openBrowser, openPage, openStage, playFor, seek,
} from './browser.js';
import { until } from '../server.js';

/**
 * What each player needs, run in the page. `open` gives `player`, with media attached and nothing
 * loaded; `load` resolves once `url` is loading.
 */
const players = {
  videojs: {
    film: (name) => `/media/${name}/film.mp4`,
    async open() {
      await addScript('/node_modules/video.js/dist/video.js');
      window.player = videojs(video, { autoplay: false });
      await new Promise((done) => player.ready(done));
    },
    load: (url) => player.src(url.endsWith('m3u8')
      ? { src: url, type: 'application/x-mpegURL' } : { src: url, type: 'video/mp4' }),
    async track(options) {
      const { trackVideojs } = await import('/adapters/videojs.js');
      window.watch = trackVideojs(playhead, player, options);
    },
    destroy: () => player.dispose(),
  },
  hls: {
    film: (name) => `/media/${name}/film.m3u8`,
    async open() {
      const { default: Hls } = await import('/node_modules/hls.js/dist/hls.mjs');
      window.player = new Hls();
      player.attachMedia(video);
    },
    load: (url) => player.loadSource(url),
    async track(options) {
      const { trackHls } = await import('/adapters/hls.js');
      window.watch = trackHls(playhead, player, options);
    },
    destroy: () => player.destroy(),
  },
  shaka: {
    film: (name) => `/media/${name}/film.m3u8`,
    async open() {
      await addScript('/node_modules/shaka-player/dist/shaka-player.compiled.js');
      shaka.polyfill.installAll();
      window.player = new shaka.Player();
      await player.attach(video);
    },
    load: (url) => player.load(url),
    async track(options) {
      const { trackShaka } = await import('/adapters/shaka.js');
      window.watch = trackShaka(playhead, player, options);
    },
    destroy: () => player.destroy(),
  },
};

const kHelpers = () => {
  window.addScript = (src) => new Promise((done, failed) => {
    const script = document.createElement('script');
    Object.assign(script, { src, onload: done, onerror: failed });
    document.head.append(script);
  });
};

let stage;
let context;

before(async () => {
  stage = await openStage();
  makeLive(stage.folder, 'a');
  context = await openBrowser(join(stage.folder, 'profile'));
  await context.addInitScript(kHelpers);
});
after(async () => {
  await context?.close();
  await stage?.close();
});

for (const [name, player] of Object.entries(players)) {
  describe(name, () => {
    let page;
    let viewer;

    /** A page with the player, which loads `url` and is tracked. */
    const open = async (url, options) => {
      viewer = stage.viewer();
      page = await openPage(context, stage, viewer);
      await page.evaluate(player.open);
      await begin(url, options);
    };
    const begin = async (url, options) => {
      await page.evaluate(player.load, url);
      await page.evaluate(player.track, options);
    };
    const point = (video) => viewer.point(video);
    const close = async () => {
      assert.deepEqual(page.troubles, []);
      assert.deepEqual(await page.evaluate(() => window.errors), []);
      await page.close();
    };

    test('reports where it is, and resumes there', async () => {
      await open(player.film('a'), { video: 'a' });
      await seek(page, 20);
      const left = await playFor(page, 2);
      await page.evaluate(() => video.pause());
      const told = await until(async () => {
        const found = await point('a');
        return found?.position_ms >= left * 1000 - kUntoldMs && found;
      }, 'the pause');
      assert.ok(Math.abs(told.position_ms - left * 1000) < 1000, `${told.position_ms} ${left}`);
      assert.ok(Math.abs(told.duration_ms - 60_000) < 500, `${told.duration_ms}`);

      const before = page;
      page = await openPage(context, stage, viewer);
      await page.evaluate(player.open);
      await begin(player.film('a'), { video: 'a', resume: true });
      assert.ok(await page.evaluate(() => watch.ready));
      const start = await page.evaluate(() => video.currentTime);
      assert.ok(Math.abs(start * 1000 - told.position_ms) < 1000, `${start}`);
      const later = await playFor(page, 1);
      assert.ok(later > start && later < start + 5, `${later}`);
      await close();
      await before.close();
    });

    test('another source in the same player is not taken for the first', async () => {
      await open(player.film('a'), { video: 'a' });
      await seek(page, 40);
      await playFor(page, 2);
      await page.evaluate(player.load, player.film('b'));
      await until(() => page.evaluate(() => video.currentTime < 30), 'the other film');
      await playFor(page, 2);
      await page.evaluate(() => watch.flush());
      await page.evaluate(() => video.pause());
      const first = await until(async () => {
        const found = await point('a');
        return found?.position_ms >= 42_000 - kUntoldMs && found;
      }, 'the word on the first');
      await begin(player.film('b'), { video: 'b' });
      await playFor(page, 3);
      await page.evaluate(() => watch.stop());
      assert.ok((await point('b')).position_ms < 30_000);
      assert.equal((await point('a')).position_ms, first.position_ms);
      await close();
    });

    test('a live stream has no duration', async () => {
      await open('/media/a/live.m3u8', { video: 'live', resume: true });
      await playFor(page, 2);
      await page.evaluate(() => watch.flush());
      const told = await until(() => point('live'), 'the report');
      assert.ok(told.position_ms > 0);
      assert.ok(!('duration_ms' in told), JSON.stringify(told));
      await close();
    });

    test('a player that is taken down says where it was', async () => {
      await open(player.film('a'), { video: 'a' });
      await playFor(page, 3);
      await page.evaluate(player.destroy);
      await until(async () => (await point('a'))?.position_ms >= 3000 - kUntoldMs, 'the last word');
      await close();
    });
  });
}

test('hls.js: a recovery is no other source', async () => {
  const viewer = stage.viewer();
  const page = await openPage(context, stage, viewer);
  await page.evaluate(players.hls.open);
  await page.evaluate(players.hls.load, players.hls.film('a'));
  await page.evaluate(players.hls.track, { video: 'a' });
  await playFor(page, 2);
  const before = await page.evaluate(() => ({ src: video.currentSrc, end: video.currentTime }));
  // Without the SDK too, the new media source stays closed once in thirty times: asked again, it
  // opens.
  await until(() => page.evaluate(async (src) => {
    player.recoverMediaError();
    for (let i = 0; i < 60 && video.readyState < 2; i++) {
      await new Promise((done) => setTimeout(done, 50));
    }
    return video.readyState > 1 && video.currentSrc !== src;
  }, before.src), 'the new blob');
  await playFor(page, 2);
  await page.evaluate(() => watch.flush());
  const told = await viewer.point('a');
  assert.ok(told.position_ms >= before.end * 1000, `${told.position_ms}`);
  await page.close();
});
