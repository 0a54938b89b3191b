// What is sent when the page is hidden, closed, or comes back.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openScene } from './fakes.js';

/** fetchLater as a page sees it. */
function later() {
  const asked = [];
  const fetchLater = (url, { body, ...init }) => {
    asked.push({ url, body: JSON.parse(body), ...init });
    return { activated: false };
  };
  return { asked, fetchLater };
}

const open = async (t, world) => {
  const scene = openScene(t, world);
  const element = scene.watch(scene.client());
  element.play();
  await scene.play(8000);
  scene.requests.length = 0;
  return { ...scene, element };
};

test('a hidden page reports at once', async (t) => {
  const { page, requests, clock } = await open(t);
  page.hide();
  await clock.settle();
  assert.equal(requests.length, 1);
  assert.equal(requests[0].keepalive, true);
});

test('a page that closes leaves its word with fetchLater', async (t) => {
  const { asked, fetchLater } = later();
  const { page, requests, clock } = await open(t, { fetchLater });
  page.fire('pagehide');
  page.hide();  // browsers tell of both
  await clock.pass(60_000);
  assert.equal(requests.length, 0);
  assert.equal(asked.length, 1);
  const [{ url, method, headers, body, activateAfter }] = asked;
  assert.deepEqual([url, method, activateAfter], ['https://p.example/v1/progress', 'POST', 0]);
  assert.match(headers.Authorization, /^Bearer /);
  assert.deepEqual([body.event, body.position_ms, body.age_ms], ['stop', 8000, 0]);
});

for (const [what, world] of Object.entries({
  'there is no fetchLater': {},
  'fetchLater is not allowed, or full': { fetchLater: () => {
    throw new DOMException('quota', 'QuotaExceededError');
  } },
})) {
  test(`${what}: a fetch that outlives the page`, async (t) => {
    const { page, requests } = await open(t, world);
    page.fire('pagehide');
    // At once: a page that closes does not come to its next task.
    assert.equal(requests.length, 1);
    assert.deepEqual([requests[0].body.event, requests[0].keepalive], ['stop', true]);
  });
}

test('lastWord takes its place where the page gave one', async (t) => {
  const said = [];
  const scene = openScene(t);
  const lastWord = async (url, request) => said.push([url, JSON.parse(request.body).event]);
  scene.watch(scene.client({ lastWord })).play();
  await scene.play(8000);
  scene.page.fire('pagehide');
  assert.deepEqual(said, [['https://p.example/v1/progress', 'stop']]);
});

test('what is under way is not sent twice, what waits behind it is', async (t) => {
  let answer;
  const scene = openScene(t, { answer: () => new Promise((resolve) => {
    answer = resolve;
  }) });
  const element = scene.watch(scene.client());
  element.play();
  await scene.play(15_000);
  assert.equal(scene.requests.length, 1);
  const first = scene.requests[0].body.seq;
  scene.page.fire('pagehide');
  assert.deepEqual(scene.requests.map(({ body }) => body.seq), [first, first + 1]);
  answer({});
});

test('the closing word stays in the local record, for nobody heard the answer', async (t) => {
  const { page } = await open(t);
  page.fire('pagehide');
  const [text] = Object.values(page.localStorage);
  assert.equal(JSON.parse(text).report.event, 'stop');
});

test('a page that comes back goes on', async (t) => {
  const { page, requests, clock, element } = await open(t);
  page.fire('pagehide');
  await clock.settle();
  page.fire('pageshow');
  await clock.settle();
  element.currentTime = 20;
  element.pause();
  await clock.pass(1000);
  assert.deepEqual(requests.at(-1).body.event, 'pause');
  assert.deepEqual(Object.keys(page.localStorage), []);
});

test('a page without a token yet leaves only its record', async (t) => {
  const scene = openScene(t);
  const token = () => new Promise(() => {});
  const element = scene.watch(scene.client({ token, account: 'alice' }));
  element.play();
  await scene.play(20_000);
  scene.page.fire('pagehide');
  assert.equal(scene.requests.length, 0);
  assert.equal(Object.keys(scene.page.localStorage).length, 1);
});
