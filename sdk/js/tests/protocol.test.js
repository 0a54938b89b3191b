// The SDK against the real server.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';

import { createPlayhead } from '../src/index.js';
import { Element, createStorage, openPage } from './fakes.js';
import { Server, until } from './server.js';

const server = new Server();
let page;
let viewers = 0;
const realNow = Date.now;
const realFetch = globalThis.fetch;

before(() => server.start());
after(() => server.remove());
beforeEach(() => {
  page = openPage();
});
afterEach(() => {
  page.close();
  Date.now = realNow;
  globalThis.fetch = realFetch;
});

/** Someone the server has not met yet, and a way to ask it about them. */
function someone(options = {}, at = server) {
  const token = at.token(`viewer-${++viewers}`);
  const playhead = createPlayhead({ url: at.url, token: () => token, ...options });
  return { token, playhead, point: (video) => at.get(`/v1/progress/${video}`, token) };
}

test('a pause is on the server, as the API says it', async () => {
  const { playhead, point } = someone({ device: 'web' });
  const element = new Element();
  const watch = playhead.track(element, {
    video: 'ep-42', series: { id: 's-7', season: 2, episode: 3 }, credits_ms: 2_520_000 });
  element.play();
  element.currentTime = 754;
  element.pause();
  await watch.flush();
  const { status, data } = await point('ep-42');
  assert.equal(status, 200);
  const { watched_at, ...rest } = data;
  assert.ok(Math.abs(watched_at - Date.now()) < 60_000);
  assert.deepEqual(rest, {
    video_id: 'ep-42', state: 'in_progress', position_ms: 754_000, duration_ms: 2_640_000,
    percent: 28.56, resume_position_ms: 754_000, furthest_position_ms: 754_000, device: 'web',
    series: { id: 's-7', season: 2, episode: 3 } });
  watch.stop();
});

test('position, row and acts', async () => {
  const { playhead } = someone({ profile: 'kids' });
  assert.equal(await playhead.position('film/1 ä'), null);
  const element = new Element();
  const watch = playhead.track(element, { video: 'film/1 ä' });
  element.play();
  element.currentTime = 600;
  await watch.flush();
  const ids = async () => (await playhead.keepWatching({ limit: 20 })).items.map((i) => i.video_id);
  assert.equal((await playhead.position('film/1 ä')).position_ms, 600_000);
  assert.deepEqual(await ids(), ['film/1 ä']);
  await playhead.remove('film/1 ä');
  assert.deepEqual(await ids(), []);
  await playhead.undo('film/1 ä');
  assert.deepEqual(await ids(), ['film/1 ä']);
  await playhead.mark('film/1 ä');
  assert.equal((await playhead.position('film/1 ä')).state, 'finished');
  await playhead.unmark('film/1 ä');
  assert.equal((await playhead.position('film/1 ä')).state, 'in_progress');
  await playhead.forget('film/1 ä');
  assert.equal(await playhead.position('film/1 ä'), null);
  watch.stop();
});

test('a refusal rejects with the service\'s code, and without the token', async () => {
  const { playhead, token } = someone();
  await assert.rejects(playhead.keepWatching({ limit: 1000 }), (error) => {
    assert.equal(error.status, 422);
    assert.equal(error.code, 'invalid_field');
    assert.ok(!JSON.stringify({ ...error, m: error.message, s: error.stack }).includes(token));
    return true;
  });
});

test('what was left is replayed with its age, as one batch, on the next visit', async () => {
  const { token } = someone();
  const localStorage = page.localStorage;
  globalThis.fetch = async () => {
    throw new TypeError('offline');
  };
  const away = createPlayhead({ url: server.url, token: () => token });
  for (const [video, seconds] of [['a', 300], ['b', 400]]) {
    const element = new Element();
    const watch = away.track(element, { video });
    element.play();
    element.currentTime = seconds;
    await watch.stop();
  }
  assert.equal(Object.keys(localStorage).length, 2);

  page.close();
  page = openPage({ localStorage });
  const paths = [];
  globalThis.fetch = (url, init) => {
    paths.push(new URL(url).pathname);
    return realFetch(url, init);
  };
  const later = realNow() + 7_200_000;
  Date.now = () => later;
  const back = createPlayhead({ url: server.url, token: () => token });
  const row = await back.keepWatching();
  assert.deepEqual(paths, ['/v1/progress/batch', '/v1/keep-watching']);
  assert.deepEqual(row.items.map((item) => [item.video_id, item.position_ms]).sort(),
    [['a', 300_000], ['b', 400_000]]);
  for (const item of row.items) {
    assert.ok(Math.abs(item.watched_at - (realNow() - 7_200_000)) < 60_000);
  }
  assert.deepEqual(Object.keys(localStorage), []);
});

test('a token that ran out is refreshed once, and the report arrives', async () => {
  const account = `viewer-${++viewers}`;
  const good = server.token(account);
  const asked = [];
  const playhead = createPlayhead({
    url: server.url,
    token: ({ refresh }) => {
      asked.push(refresh);
      return refresh ? good : good.slice(0, -8) + 'AAAAAAAA';
    },
  });
  const element = new Element();
  const watch = playhead.track(element, { video: 'v' });
  await until(() => asked.length === 1, 'the question whose record to read');
  element.play();
  element.currentTime = 600;
  element.pause();
  await watch.flush();
  assert.deepEqual(asked, [false, false, true]);
  assert.equal((await server.get('/v1/progress/v', good)).data.position_ms, 600_000);
  watch.stop();
});

test('nothing is lost over kill -9 and a restart', async (t) => {
  const own = await new Server().start();
  t.after(() => own.remove());
  const errors = [];
  const { playhead, point } = someone({ onError: (error) => errors.push(error) }, own);
  const element = new Element();
  const watch = playhead.track(element, { video: 'v' });
  element.play();
  element.currentTime = 300;
  await watch.flush();
  await own.end('SIGKILL');
  element.currentTime = 600;
  await watch.flush();  // in vain
  assert.equal(Object.keys(localStorage).length, 1);
  await own.start();
  await until(() => !Object.keys(localStorage).length, 'the report to arrive by itself');
  assert.equal((await point('v')).data.position_ms, 600_000);
  assert.deepEqual(errors, []);
  watch.stop();
});

test('a server that is full is asked when it said, and gets the newest position', async (t) => {
  // A queue without room for an ordinary report, so that only pauses and stops go through.
  const own = await new Server().start({
    'commit.queue_entries_max': 1, 'commit.reserve_percent': 90, 'commit.retry_after_s': 1 });
  t.after(() => own.remove());
  const { playhead, point } = someone({}, own);
  const seen = [];
  globalThis.fetch = async (...request) => {
    const answer = await realFetch(...request);
    const { pathname } = new URL(request[0]);
    if (pathname === '/v1/progress') {
      const { event } = JSON.parse(request[1].body);
      seen.push([answer.status, answer.headers.get('Retry-After'), event]);
    }
    return answer;
  };
  const element = new Element();
  const watch = playhead.track(element, { video: 'v' });
  element.play();
  element.currentTime = 300;
  await watch.flush();
  assert.equal(seen.length, 1);
  assert.equal(seen[0][0], 503);
  assert.ok(Number(seen[0][1]) >= 1);
  element.currentTime = 600;
  element.pause();
  await watch.flush();
  assert.equal(seen.length, 1, 'it waits as long as it was asked to');
  await until(() => seen.length > 1, 'the next attempt');
  await until(() => !Object.keys(localStorage).length, 'its answer');
  assert.equal(seen.length, 2);
  assert.deepEqual([seen[1][0], seen[1][2]], [204, 'pause']);
  assert.equal((await point('v')).data.position_ms, 600_000);
});
