// A thousand players that start in the same second never fall into step.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openScene, tokenOf } from './fakes.js';

const kPlayers = 1000;
const kSeconds = 60;

/** Starts the players within a second, lets them play for a minute; requests in each second. */
async function firstMinute(t, answer) {
  const scene = openScene(t, { answer });
  const { clock } = scene;
  const start = clock.now;
  for (let i = 0; i < kPlayers; i++) {
    const element = scene.watch(scene.client({ token: () => tokenOf(`v${i}`) }));
    setTimeout(() => element.play(), (i * 1000) / kPlayers);
  }
  await scene.play(kSeconds * 1000);
  const counts = new Array(kSeconds).fill(0);
  for (const { at } of scene.requests) {
    counts[Math.min(kSeconds - 1, Math.floor((at - start) / 1000))]++;
  }
  t.diagnostic(counts.join(' '));
  return counts;
}

test('requests a second stay within 1.5 of their mean over the first minute', async (t) => {
  const counts = await firstMinute(t, () => ({ headers: { 'Playhead-Interval': '10' } }));
  const mean = counts.reduce((sum, count) => sum + count) / kSeconds;
  t.diagnostic(`mean ${mean.toFixed(1)}, most ${Math.max(...counts)}`);
  assert.ok(mean > 0.9 * (kPlayers / 10), `everybody reports: ${mean} a second`);
  assert.ok(Math.max(...counts) <= 1.5 * mean);
});

test('nor do they after a service that was away is back', async (t) => {
  let back;
  const counts = await firstMinute(t, ({ at }) => {
    back ??= at + 30_000;
    return at < back ? { status: 503, headers: { 'Retry-After': '2' } } : {};
  });
  const normal = kPlayers / 10;
  assert.ok(Math.max(...counts.slice(0, 30)) <= 3 * normal, 'while it is away');
  assert.ok(Math.max(...counts.slice(32)) <= 1.5 * normal, 'once it is back');
});
