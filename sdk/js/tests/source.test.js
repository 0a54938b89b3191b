// A source that is swapped in the same element.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openScene } from './fakes.js';

const kA = 'https://cdn.example/a.mp4';
const kB = 'https://cdn.example/b.mp4';

const places = (scene) =>
  scene.requests.map(({ body }) => [body.video_id, Math.round(body.position_ms / 1000)]);

const open = async (t, options = {}) => {
  const scene = openScene(t);
  const element = scene.watch(scene.client(), { video: 'a', ...options });
  element.currentSrc = kA;
  element.play();
  await scene.play(25_000);
  element.fire('timeupdate');
  scene.requests.length = 0;
  return { scene, element };
};

test('the old video is told where it was left, and nothing of the new one', async (t) => {
  const { scene, element } = await open(t);
  const left = scene.clock.now;
  element.empty();
  await scene.clock.pass(60_000);  // a beat falls in between
  element.fire('emptied');
  element.load(kB);
  element.play();
  await scene.play(60_000);
  element.pause();
  element.end();
  scene.page.fire('pagehide');
  await scene.watches[0].stop();
  assert.deepEqual(places(scene), [['a', 25]]);
  const [{ at, body }] = scene.requests;
  assert.equal(at - body.age_ms, left);
});

test('a beat between metadata and its event says nothing', async (t) => {
  const { scene, element } = await open(t);
  element.empty();
  element.fire('emptied');
  Object.assign(element, { readyState: 4, currentSrc: kB, currentTime: 50, paused: false });
  await scene.clock.pass(30_000);
  element.fire('timeupdate');
  scene.page.hide();
  element.fire('loadedmetadata');
  await scene.play(30_000);
  assert.deepEqual(places(scene), [['a', 25]]);
});

test('an adapter that knows of the swap earlier is believed', async (t) => {
  let source = 'a';
  const { scene, element } = await open(t, { source: () => source });
  source = 'b';
  element.currentTime = 500;
  await scene.play(60_000);
  element.pause();
  assert.deepEqual(places(scene), [['a', 25]]);
});

test('the same source loaded again is the same watch', async (t) => {
  const { scene, element } = await open(t);
  element.empty();
  element.fire('emptied');
  element.load(kA);
  element.currentTime = 25;
  element.play();
  await scene.play(60_000);
  const [first, second] = scene.requests.map(({ body }) => body);
  assert.deepEqual([first.event, second.event], ['stop', 'tick']);
  assert.equal(second.session, first.session);
  assert.ok(second.position_ms > 25_000);
});

test('a source that is set after tracking is the one that is tracked', async (t) => {
  const scene = openScene(t);
  const element = scene.watch(scene.client(), { video: 'b' });
  element.currentSrc = kA;
  element.empty();
  element.fire('emptied');
  element.load(kB);
  element.play();
  await scene.play(60_000);
  assert.ok(scene.told().length >= 5);
});
