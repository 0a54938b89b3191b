// What the service's answers make of a report, and what stays in the browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Element, Locks, createStorage, openScene, tokenOf } from './fakes.js';

const kDayMs = 24 * 3_600_000;

/** One report that is sent at once. */
const sendOne = async (scene, playhead, seconds = 60) => {
  const element = scene.watch(playhead);
  element.play();
  element.currentTime = seconds;
  element.pause();
  await scene.clock.settle();
  return element;
};

const kept = (localStorage) => Object.values(localStorage).map((text) => JSON.parse(text));

for (const status of [408, 429, 500, 502, 503, 504]) {
  test(`${status}: tried again, later and later, until it is taken`, async (t) => {
    const scene = openScene(t, { answer: ({ at }) => (at < back ? { status } : {}) });
    const back = scene.clock.now + 600_000;
    const told = [];
    await sendOne(scene, scene.client({ onError: (error) => told.push(error) }));
    await scene.clock.pass(900_000);
    const tries = scene.requests.length;
    assert.ok(tries >= 10 && tries <= 60, `${tries} tries`);
    assert.ok(scene.requests.at(-1).at >= back);
    const last = scene.requests.at(-1);
    assert.equal(last.body.age_ms, last.at - scene.requests[0].at);
    assert.deepEqual(new Set(scene.requests.map(({ body }) => body.seq)), new Set([1]));
    assert.deepEqual(told, []);
    assert.deepEqual(kept(scene.page.localStorage), []);
  });
}

for (const status of [429, 503]) {
  test(`${status}: not before Retry-After`, async (t) => {
    const scene = openScene(t, { answer: () => ({ status, headers: { 'Retry-After': '120' } }) });
    const element = await sendOne(scene, scene.client());
    element.play();
    await scene.play(119_000);
    assert.equal(scene.requests.length, 1);
    await scene.play(61_000);
    assert.equal(scene.requests.length, 2);
  });
}

for (const text of ['-1', 'Wed, 21 Oct 2026 07:28:00 GMT', '1e12', '']) {
  test(`a Retry-After of "${text}" neither hurries nor ends it`, async (t) => {
    const answer = () => ({ status: 503, headers: { 'Retry-After': text } });
    const scene = openScene(t, { answer });
    await sendOne(scene, scene.client());
    await scene.clock.pass(2 * 3_600_000);
    assert.ok(scene.requests.length >= 2 && scene.requests.length < 1000);
  });
}

for (const status of [400, 403, 404, 413, 415, 422, 431]) {
  test(`${status}: dropped, and told`, async (t) => {
    const scene = openScene(t, { answer: () => ({ status, json: { code: 'some_code' } }) });
    const told = [];
    await sendOne(scene, scene.client({ onError: (error) => told.push(error) }));
    await scene.clock.pass(600_000);
    assert.equal(scene.requests.length, 1);
    assert.deepEqual(told.map(({ status, code }) => [status, code]), [[status, 'some_code']]);
    assert.ok(told[0] instanceof Error);
    assert.deepEqual(kept(scene.page.localStorage), []);
  });
}

test('401: one new token, then told, and not a stream of requests', async (t) => {
  const scene = openScene(t, { answer: () => ({ status: 401, json: { code: 'token_expired' } }) });
  const told = [];
  const asked = [];
  const token = ({ refresh }) => {
    asked.push(refresh);
    return tokenOf('alice');
  };
  await sendOne(scene, scene.client({ token, onError: (error) => told.push(error.code) }));
  assert.equal(scene.requests.length, 2);
  assert.deepEqual(asked.slice(-2), [false, true]);
  assert.deepEqual(told, ['token_expired']);
  assert.equal(kept(scene.page.localStorage).length, 1, 'the next visit may have a better one');
  await scene.clock.pass(600_000);
  assert.ok(scene.requests.length <= 80);
});

test('the network is back: no waiting', async (t) => {
  let online = false;
  const scene = openScene(t, { answer: () => {
    if (!online) throw new TypeError('Failed to fetch');
  } });
  const element = scene.watch(scene.client());
  element.play();
  await scene.play(60_000);
  element.pause();
  await scene.clock.pass(0);
  online = true;
  const before = scene.requests.length;
  scene.page.fire('online');
  await scene.clock.settle();
  assert.equal(scene.requests.length, before + 1);
  assert.equal(scene.told().at(-1)[0], 'pause');
  assert.deepEqual(kept(scene.page.localStorage), []);
});

test('what hangs is given up', async (t) => {
  const signals = [];
  const scene = openScene(t);
  const real = globalThis.fetch;
  globalThis.fetch = (url, init) => {
    signals.push(init.signal);
    return real(url, init);
  };
  await sendOne(scene, scene.client());
  assert.equal(signals.length, 1);
  assert.ok(signals[0] instanceof AbortSignal);
});

test('a token is nowhere but in its header', async (t) => {
  const scene = openScene(t, { answer: () => ({ status: 422, json: { code: 'invalid_field' } }) });
  const token = tokenOf('alice');
  const told = [];
  const playhead = scene.client({ onError: (error) => told.push(error) });
  await sendOne(scene, playhead);
  await playhead.keepWatching().catch((error) => told.push(error));
  scene.page.fire('pagehide');
  assert.equal(told.length, 2);
  for (const error of told) {
    assert.ok(![error.message, error.stack, JSON.stringify(error)].join().includes(token));
  }
  for (const { url, text } of scene.requests) assert.ok(!`${url}${text}`.includes(token));
  assert.ok(!JSON.stringify(scene.page.localStorage).includes(token));
});

/** Visits one after the other (or side by side) with the same storage; the first goes offline. */
async function leave(t, localStorage, locks, videos, options = {}) {
  const scene = openScene(t, { localStorage, locks, answer: () => {
    throw new TypeError('offline');
  } });
  const playhead = scene.client(options);
  for (const video of videos) {
    const element = scene.watch(playhead, { video });
    element.play();
    element.currentTime = 60;
    element.pause();
    await scene.clock.pass(1000);
  }
  return scene;
}

test('the record holds what was not answered, and nothing that was', async (t) => {
  const localStorage = createStorage();
  await leave(t, localStorage, new Locks(), ['a', 'b']);
  assert.deepEqual(kept(localStorage).map(({ report }) => report.video_id), ['a', 'b']);
});

test('it is replayed once, as one batch, with its age', async (t) => {
  const localStorage = createStorage();
  await leave(t, localStorage, new Locks(), ['a', 'b']);
  const scene = openScene(t, { localStorage });
  await scene.clock.pass(kDayMs);
  const playhead = scene.client();
  await playhead.keepWatching().catch(() => {});
  await playhead.keepWatching().catch(() => {});
  const batches = scene.requests.filter(({ method }) => method === 'POST');
  assert.deepEqual(batches.map(({ path }) => path), ['/v1/progress/batch']);
  const { reports } = batches[0].body;
  assert.deepEqual(reports.map(({ video_id }) => video_id), ['a', 'b']);
  for (const { age_ms } of reports) assert.ok(age_ms >= kDayMs && age_ms < kDayMs + 10_000);
  assert.deepEqual(kept(localStorage), []);
});

test('one alone is a batch too; a refused one is told and does not come back', async (t) => {
  const localStorage = createStorage();
  await leave(t, localStorage, new Locks(), ['a']);
  const told = [];
  const scene = openScene(t, { localStorage, answer: ({ path }) => (path.endsWith('batch')
    ? { status: 200, json: { results: [{ status: 422, code: 'invalid_field' }] } } : {}) });
  scene.watch(scene.client({ onError: ({ status, code }) => told.push([status, code]) }));
  await scene.clock.pass(60_000);
  assert.deepEqual(scene.requests.map(({ path }) => path), ['/v1/progress/batch']);
  assert.deepEqual(told, [[422, 'invalid_field']]);
  assert.deepEqual(kept(localStorage), []);
});

test('two tabs do not replay the same, however long it takes', async (t) => {
  const localStorage = createStorage();
  const locks = new Locks();
  await leave(t, localStorage, new Locks(), ['a']);
  const scene = openScene(t, { localStorage, locks, answer: ({ at }) =>
    (at < back ? { status: 503 } : { status: 200, json: { results: [{ status: 204 }] } }) });
  const back = scene.clock.now + 60_000;
  scene.watch(scene.client());
  scene.watch(scene.client());
  await scene.clock.pass(120_000);
  const taken = scene.requests.filter(({ at }) => at >= back);
  assert.equal(taken.length, 1);
  assert.equal(locks.held.size, 0);
  scene.watch(scene.client());
  await scene.clock.pass(60_000);
  assert.equal(scene.requests.filter(({ at }) => at >= back).length, 1);
});

test('two tabs on one video keep an entry each', async (t) => {
  const localStorage = createStorage();
  const scene = openScene(t, { localStorage, answer: () => {
    throw new TypeError('offline');
  } });
  for (const seconds of [60, 90]) await sendOne(scene, scene.client(), seconds);
  assert.deepEqual(kept(localStorage).map(({ report }) => report.position_ms), [60_000, 90_000]);
  assert.equal(new Set(kept(localStorage).map(({ report }) => report.session)).size, 2);
});

test('without locks, as outside https, it is replayed all the same', async (t) => {
  const localStorage = createStorage();
  await leave(t, localStorage, new Locks(), ['a']);
  const scene = openScene(t, { localStorage, locks: null });
  scene.watch(scene.client());
  await scene.clock.pass(1000);
  assert.equal(scene.requests.length, 1);
});

test('another account neither sends it nor removes it', async (t) => {
  const localStorage = createStorage();
  await leave(t, localStorage, new Locks(), ['a']);
  const scene = openScene(t, { localStorage });
  await sendOne(scene, scene.client({ token: () => tokenOf('bob') }));
  assert.deepEqual(scene.requests.map(({ path }) => path), ['/v1/progress']);
  assert.deepEqual(kept(localStorage).map(({ account }) => account), ['alice']);
});

test('who signs in while a report waits does not get it', async (t) => {
  let who = 'alice';
  let online = false;
  const scene = openScene(t, { answer: () => {
    if (!online) throw new TypeError('offline');
  } });
  await sendOne(scene, scene.client({ token: () => tokenOf(who) }));
  who = 'bob';
  online = true;
  scene.requests.length = 0;
  scene.page.fire('online');
  await scene.clock.pass(600_000);
  assert.deepEqual(scene.requests, Object.assign([], { restore: scene.requests.restore }));
  assert.deepEqual(kept(scene.page.localStorage).map(({ account }) => account), ['alice']);
});

test('whose report comes after such a change of account waits for nothing', async (t) => {
  let who = 'alice';
  let online = false;
  const scene = openScene(t, { answer: () => {
    if (!online) throw new TypeError('offline');
  } });
  const client = scene.client({ token: () => tokenOf(who) });
  await sendOne(scene, client);
  who = 'bob';
  online = true;
  scene.page.fire('online');
  await scene.clock.pass(100);
  scene.requests.length = 0;
  await sendOne(scene, client);
  await scene.clock.pass(0);
  assert.equal(scene.requests.length, 1);
});

test('a token that is no JWT: no record, unless the page says whose it is', async (t) => {
  const localStorage = createStorage();
  await leave(t, localStorage, new Locks(), ['a'], { token: () => 'opaque' });
  assert.deepEqual(kept(localStorage), []);
  await leave(t, localStorage, new Locks(), ['a'], { token: () => 'opaque', account: 'carol' });
  assert.deepEqual(kept(localStorage).map(({ account }) => account), ['carol']);
});

test('the record is bounded: the newest 18 stay, none too long, none too old', async (t) => {
  const localStorage = createStorage();
  const videos = Array.from({ length: 30 }, (_, i) => `v${i}`);
  await leave(t, localStorage, new Locks(), videos);
  assert.deepEqual(kept(localStorage).map(({ report }) => report.video_id), videos.slice(-18));
  await leave(t, localStorage, new Locks(), ['x'.repeat(2000)]);
  assert.deepEqual(kept(localStorage).map(({ report }) => report.video_id), videos.slice(-18));
  const scene = openScene(t, { localStorage });
  await scene.clock.pass(31 * kDayMs);
  scene.watch(scene.client());
  await scene.clock.pass(1000);
  assert.equal(scene.requests.length, 0);
  assert.deepEqual(kept(localStorage), []);
});

test('rubbish in the record is removed, and harms nothing; what is not ours stays', async (t) => {
  const localStorage = createStorage();
  for (const [i, text] of ['', '{', 'null', '[]', '{"at":1}', '{"report":null}',
    '{"at":"x","report":{"session":"7"}}'].entries()) localStorage[`playhead:${i}`] = text;
  localStorage.theme = 'dark';
  await leave(t, localStorage, new Locks(), ['a']);
  assert.deepEqual(Object.keys(localStorage).length, 2);
  assert.equal(localStorage.theme, 'dark');
});

test('a browser whose storage is full loses only the record', async (t) => {
  const localStorage = new Proxy({}, { set() {
    throw new DOMException('full', 'QuotaExceededError');
  } });
  const scene = openScene(t, { localStorage });
  scene.watch(scene.client(), { video: 'v' }, new Element()).play();
  await scene.play(60_000);
  assert.ok(scene.told().length >= 5);
});
