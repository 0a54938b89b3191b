// When a report is sent, and what it says.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Element, openScene } from './fakes.js';

const kBeatMs = 10_000;

test('beats: the first at a random phase, then every ten seconds give or take one', async (t) => {
  const scene = openScene(t);
  scene.watch(scene.client()).play();
  const start = scene.clock.now;
  await scene.play(120_000);
  const times = scene.requests.map(({ at }) => at - start);
  assert.ok(times[0] < kBeatMs, `${times}`);
  const gaps = times.slice(1).map((time, i) => time - times[i]);
  assert.ok(gaps.length >= 10);
  for (const gap of gaps) assert.ok(gap >= 0.9 * kBeatMs && gap <= 1.1 * kBeatMs, `${gaps}`);
  assert.ok(new Set(gaps).size > 5, 'they vary');
});

test('a report says what the API wants', async (t) => {
  const scene = openScene(t);
  const series = { id: 's', season: 1, episode: 2 };
  const element = scene.watch(scene.client({ profile: 'kids', device: 'web' }), {
    video: 'ep', series, credits_ms: 2_500_000 });
  element.play();
  await scene.play(2 * kBeatMs);
  const [first, second] = scene.requests;
  assert.equal(first.url, 'https://p.example/v1/progress');
  assert.match(first.headers.Authorization, /^Bearer e30\./);
  assert.equal(first.headers['Content-Type'], 'application/json');
  assert.equal(first.keepalive, true);
  const { position_ms, session, ...rest } = first.body;
  assert.match(session, /^[a-z0-9]{6,64}$/);
  assert.ok(position_ms > 0 && position_ms < kBeatMs);
  assert.deepEqual(rest, { video_id: 'ep', duration_ms: 2_640_000, event: 'tick', age_ms: 0, seq: 1,
    profile: 'kids', device: 'web', series, credits_ms: 2_500_000 });
  assert.equal(second.body.session, session);
  assert.equal(second.body.seq, 2);
});

test('pause, seek (once for a scrub) and the end are told at once', async (t) => {
  const scene = openScene(t);
  const element = scene.watch(scene.client());
  element.play();
  await scene.play(15_000);
  scene.requests.length = 0;
  for (const seconds of [100, 200, 300, 400]) {
    element.seek(seconds);
    await scene.play(100);
  }
  await scene.play(600);
  assert.equal(scene.told().length, 1);
  assert.equal(scene.told()[0][0], 'seek');
  assert.ok(scene.told()[0][1] >= 400);
  await scene.play(1500);
  element.pause();
  await scene.clock.settle();
  assert.equal(scene.told().at(-1)[0], 'pause');
  element.play();
  element.seek(2639);
  element.end();
  await scene.clock.settle();
  assert.deepEqual(scene.told().at(-1), ['ended', 2640]);
  assert.equal(scene.told().length, 3, 'the end is no pause');
});

test('nothing is sent while paused, whatever happens', async (t) => {
  const scene = openScene(t);
  const element = scene.watch(scene.client());
  element.play();
  await scene.play(30_000);
  element.pause();
  await scene.clock.settle();
  const sent = scene.requests.length;
  element.seek(1000);
  scene.page.hide();
  await scene.watches[0].flush();
  await scene.play(600_000);
  scene.page.fire('pagehide');
  await scene.watches[0].stop();
  assert.equal(scene.requests.length, sent);
});

test('nothing is sent for less than a second of movement', async (t) => {
  const scene = openScene(t);
  const element = scene.watch(scene.client());
  element.play();
  await scene.clock.pass(300_000);  // it stalls: time passes, the position does not
  element.currentTime = 0.999;
  await scene.watches[0].flush();
  element.pause();
  await scene.clock.settle();
  assert.deepEqual(scene.told(), []);
  element.play();
  element.currentTime = 1;
  await scene.watches[0].flush();
  assert.deepEqual(scene.told(), [['tick', 1]]);
});

test('one request at a time; the newest replaces what waits', async (t) => {
  let answer;
  const scene = openScene(t, { answer: () => new Promise((resolve) => {
    answer = resolve;
  }) });
  const element = scene.watch(scene.client());
  element.play();
  await scene.play(5 * kBeatMs);
  assert.equal(scene.requests.length, 1);
  element.pause();
  await scene.clock.pass(1000);
  const { position_ms } = JSON.parse(Object.values(scene.page.localStorage)[0]).report;
  answer({});
  await scene.clock.settle();
  assert.equal(scene.requests.length, 2);
  const { body } = scene.requests[1];
  assert.deepEqual([body.event, body.position_ms, body.age_ms], ['pause', position_ms, 1000]);
  answer({});
});

test('Playhead-Interval sets the beat', async (t) => {
  const scene = openScene(t, { answer: () => ({ headers: { 'Playhead-Interval': '60' } }) });
  scene.watch(scene.client()).play();
  await scene.play(kBeatMs);
  const first = scene.requests.length;
  await scene.play(600_000);
  const later = scene.requests.length - first;
  assert.ok(later >= 9 && later <= 12, `${later}`);
});

for (const text of ['0', '-5', 'soon', '1e99', '']) {
  test(`a Playhead-Interval of "${text}" never makes a player hurry or hang`, async (t) => {
    const scene = openScene(t, { answer: () => ({ headers: { 'Playhead-Interval': text } }) });
    scene.watch(scene.client()).play();
    await scene.play(kBeatMs);
    const first = scene.requests.length;
    await scene.play(2 * 3_600_000);
    const later = scene.requests.length - first;
    assert.ok(later >= 1 && later <= 800, `${later}`);
  });
}

test('playing again after the end is another session', async (t) => {
  const scene = openScene(t);
  const element = scene.watch(scene.client());
  element.play();
  await scene.play(kBeatMs);
  element.end();
  element.currentTime = 0;
  element.play();
  await scene.play(2 * kBeatMs);
  const ended = scene.requests.findIndex(({ body }) => body.event === 'ended');
  const [before, after] = [scene.requests[ended].body, scene.requests[ended + 1].body];
  assert.notEqual(before.session, after.session);
  assert.equal(after.seq, 1);
});

test('a live stream has no duration', async (t) => {
  const scene = openScene(t);
  scene.watch(scene.client(), { video: 'live' }, new Element({ duration: Infinity })).play();
  await scene.play(kBeatMs);
  const { body } = scene.requests[0];
  assert.equal(body.video_id, 'live');
  assert.ok(!('duration_ms' in body));
});

test('two elements are two watches with one request at a time', async (t) => {
  let flying = 0;
  let most = 0;
  const scene = openScene(t, { answer: async () => {
    most = Math.max(most, ++flying);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    flying--;
  } });
  const playhead = scene.client();
  for (const video of ['a', 'b']) scene.watch(playhead, { video }).play();
  await scene.play(60_000);
  const reports = scene.requests.flatMap(({ body }) => body.reports ?? [body]);
  assert.equal(most, 1);
  assert.equal(new Set(reports.map(({ session }) => session)).size, 2);
  for (const video of ['a', 'b']) {
    assert.ok(reports.filter(({ video_id }) => video_id === video).length >= 4);
  }
});

test('a private session sends nothing that would be kept, and keeps nothing', async (t) => {
  const point = { video_id: 'v', state: 'in_progress', resume_position_ms: 60_000, watched_at: 1 };
  const scene = openScene(t, { answer: () => ({ status: 200, json: { items: [point] } }) });
  const playhead = scene.client({ private: true });
  const element = scene.watch(playhead, { video: 'v', resume: true });
  element.play();
  await scene.play(60_000);
  element.pause();
  element.play();
  scene.page.hide();
  scene.page.fire('pagehide');
  element.end();
  await scene.watches[0].stop();
  assert.deepEqual(scene.requests.map(({ method, url }) => [method, url]),
    [['GET', 'https://p.example/v1/progress?video_id=v']]);
  assert.deepEqual(Object.keys(scene.page.localStorage), []);
  assert.ok(element.currentTime >= 60);
});

test('only one watch may be private', async (t) => {
  const scene = openScene(t);
  const playhead = scene.client();
  scene.watch(playhead, { video: 'secret', private: true }).play();
  scene.watch(playhead, { video: 'open' }).play();
  await scene.play(60_000);
  assert.deepEqual([...new Set(scene.requests.map(({ body }) => body.video_id))], ['open']);
});

test('tracking an element again ends the watch before', async (t) => {
  const scene = openScene(t);
  const playhead = scene.client();
  const element = scene.watch(playhead, { video: 'a' });
  element.play();
  await scene.play(5000);
  scene.watch(playhead, { video: 'b' }, element);
  await scene.play(60_000);
  const videos = scene.requests.map(({ body }) => body.video_id);
  assert.equal(videos.lastIndexOf('a') + 1, videos.indexOf('b'));
});

test('no trouble of element, page or storage reaches playback', async (t) => {
  const scene = openScene(t);
  const unhandled = [];
  const hear = (error) => unhandled.push(error);
  process.on('unhandledRejection', hear);
  t.after(() => process.off('unhandledRejection', hear));
  Object.defineProperty(globalThis, 'localStorage', { configurable: true, get() {
    throw new Error('refused');
  } });
  let asked = 0;
  const playhead = scene.client({
    token: () => {
      if (++asked % 2) throw new Error('no token');
      return Promise.reject(new Error('none either'));
    },
    onError: () => {
      throw new Error('of the page');
    },
  });
  const element = scene.watch(playhead, {
    video: 'v',
    resume: () => {
      throw new Error('of the page');
    },
    duration: () => {
      throw new Error('of the adapter');
    },
  });
  element.play();
  await scene.play(30_000);
  scene.page.hide();
  scene.page.fire('pagehide');
  scene.page.fire('pageshow');
  element.pause();
  await scene.play(60_000);
  await scene.watches[0].flush();
  await scene.watches[0].stop();
  assert.equal(await scene.watches[0].ready, null);
  assert.equal(element.playbackRate, 1);
  assert.deepEqual(unhandled, []);
});
