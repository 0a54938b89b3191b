// Starting where the viewer was.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Element, openScene } from './fakes.js';

const kPoint = {
  video_id: 'v', state: 'in_progress', position_ms: 600_000, duration_ms: 2_640_000, percent: 22.72,
  resume_position_ms: 600_000, furthest_position_ms: 600_000, watched_at: 1 };

const point = (more) => ({ answer: ({ method }) =>
  (method === 'GET' ? { status: 200, json: { items: [{ ...kPoint, ...more }] } } : {}) });

const start = async (t, world, options = {}, element = new Element()) => {
  const scene = openScene(t, world);
  scene.watch(scene.client(), { video: 'v', resume: true, ...options }, element);
  const ready = scene.watches[0].ready;
  return { scene, element, ready };
};

test('seeks as soon as it knows', async (t) => {
  const { element, ready } = await start(t, point());
  assert.equal((await ready).resume_position_ms, 600_000);
  assert.equal(element.currentTime, 600);
  assert.equal(element.playbackRate, 1);
});

test('the place it seeks to is no news to the service', async (t) => {
  const { scene, element, ready } = await start(t, point());
  await ready;
  element.fire('seeked');
  element.play();
  await scene.clock.pass(60_000);  // it buffers
  assert.deepEqual(scene.told(), []);
  await scene.play(20_000);
  assert.ok(scene.told()[0][1] > 600);
});

test('waits for something to seek in', async (t) => {
  const element = Object.assign(new Element({ duration: NaN }), { readyState: 0 });
  const { scene, ready } = await start(t, point(), {}, element);
  await scene.clock.pass(1000);
  assert.equal(element.currentTime, 0);
  element.load('v.mp4', 2640);
  await ready;
  assert.equal(element.currentTime, 600);
});

test('nothing plays before it knows, and play() is not refused', async (t) => {
  let answer;
  const { scene, element, ready } = await start(t, { answer: () => new Promise((resolve) => {
    answer = resolve;
  }) });
  element.play();
  await scene.play(1900);
  assert.equal(element.currentTime, 0);
  assert.equal(element.paused, false);
  answer({ status: 200, json: { items: [kPoint] } });
  await ready;
  await scene.play(500);
  assert.equal(element.currentTime, 600.5);
  await scene.clock.settle();
});

test('metadata that comes while it waits is held too, at the speed the viewer likes', async (t) => {
  let answer;
  const element = Object.assign(new Element({ duration: NaN }), { readyState: 0 });
  const { scene, ready } = await start(t, { answer: () => new Promise((resolve) => {
    answer = resolve;
  }) }, {}, element);
  await scene.clock.settle();
  element.playbackRate = 1.5;
  element.load('v.mp4', 2640);
  element.play();
  await scene.play(500);
  assert.equal(element.currentTime, 0);
  answer({ status: 200, json: { items: [kPoint] } });
  await ready;
  assert.deepEqual([element.currentTime, element.playbackRate], [600, 1.5]);
});

test('a service that is slow or away holds nothing up for long', async (t) => {
  const { scene, element, ready } = await start(t, { answer: () => new Promise(() => {}) });
  element.play();
  await scene.play(5000);
  assert.equal(await ready, null);
  assert.equal(element.playbackRate, 1);
  assert.ok(element.currentTime >= 2.9 && element.currentTime <= 3.1);
});

test('the page may veto it', async (t) => {
  let asked;
  const { element, ready } = await start(t, point(), { resume: async (given) => {
    asked = given;
    return false;
  } });
  assert.equal(await ready, null);
  assert.equal(asked.resume_position_ms, 600_000);
  assert.deepEqual([element.currentTime, element.playbackRate], [0, 1]);
});

test('a page that only looks lets it happen', async (t) => {
  const { element, ready } = await start(t, point(), { resume: () => {} });
  await ready;
  assert.equal(element.currentTime, 600);
});

for (const [what, more, seconds] of [
  ['finished: from the start', { state: 'finished', resume_position_ms: 0 }, 0],
  ['only a percentage is known', { resume_position_ms: undefined, percent: 25 }, 660],
  ['past the end of a cut that got shorter', { resume_position_ms: 3_000_000 }, 0],
]) {
  test(what, async (t) => {
    const { element, ready } = await start(t, point(more));
    await ready;
    assert.equal(element.currentTime, seconds);
  });
}

test('a live stream starts where it starts', async (t) => {
  const live = point({ duration_ms: undefined, percent: undefined });
  const { element, ready } = await start(t, live, {}, new Element({ duration: Infinity }));
  assert.equal(await ready, null);
  assert.equal(element.currentTime, 0);
});

test('nothing was watched', async (t) => {
  const nothing = { answer: () => ({ status: 200, json: { items: [] } }) };
  const { element, ready } = await start(t, nothing);
  assert.equal(await ready, null);
  assert.equal(element.currentTime, 0);
});

test('offers to go further, as on another device', async (t) => {
  const offers = [];
  const options = { onFurther: (given) => offers.push(given.furthest_position_ms) };
  const further = point({ furthest_position_ms: 1_200_000 });
  await (await start(t, further, options)).ready;
  assert.deepEqual(offers, [1_200_000]);
  await (await start(t, further, { ...options, resume: false })).ready;
  assert.deepEqual(offers, [1_200_000, 1_200_000]);
});

test('offers nothing for a step back, or when it was watched to the end', async (t) => {
  const offers = [];
  const options = { onFurther: (given) => offers.push(given) };
  await (await start(t, point({ furthest_position_ms: 604_000 }), options)).ready;
  await (await start(t, point({ state: 'finished', resume_position_ms: 0,
    furthest_position_ms: 2_600_000 }), options)).ready;
  assert.deepEqual(offers, []);
});

test('a watch that was stopped meanwhile moves nothing', async (t) => {
  let answer;
  const { scene, element, ready } = await start(t, { answer: () => new Promise((resolve) => {
    answer = resolve;
  }) });
  await scene.clock.settle();
  scene.watches[0].stop();
  answer({ status: 200, json: { items: [kPoint] } });
  await ready;
  assert.deepEqual([element.currentTime, element.playbackRate], [0, 1]);
});
