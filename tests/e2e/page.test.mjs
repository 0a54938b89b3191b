// The demo's page: what it shows, by keyboard, to a screen reader, in light and dark.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './harness.mjs';
import { Player } from './player.mjs';
import { browser, server } from './stage.mjs';

/** What has the focus, by its accessible name or its id. */
const focused = (page) => page.evaluate(() => {
  const element = document.activeElement;
  return element.getAttribute('aria-label') ?? (element.id || element.textContent.trim());
});

/** Presses Tab until the focus is on what `name` matches; it must be seen there. */
async function tabTo(page, name) {
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press('Tab');
    if (!name.test(await focused(page))) continue;
    const outline = await page.evaluate(
      () => getComputedStyle(document.activeElement).outlineStyle);
    assert.notEqual(outline, 'none', `${name} has the focus, and one does not see it`);
    return;
  }
  assert.fail(`Tab never came to ${name}`);
}

test('the whole story by keyboard: sign in, play, close, remove, undo', async () => {
  const player = await Player.open(await browser.device(), server, '/demo');
  const { page } = player;
  await page.getByRole('heading', { name: 'Who is watching?' }).waitFor();
  await tabTo(page, /^M?Mia$/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Keep watching' }).waitFor();
  await tabTo(page, /^Play The Long Gradient/);
  await page.keyboard.press('Enter');
  // Past the start line of 2 s: what has only been opened has no place in the row.
  await player.reach(4);
  assert.equal(await focused(page), 'The Long Gradient');
  await page.keyboard.press('Space');  // the video's own control
  await until(() => page.evaluate(() => document.getElementById('screen').paused), 'the pause');
  await tabTo(page, /^close$/);
  await page.keyboard.press('Enter');
  await page.locator('#stage').waitFor({ state: 'hidden' });

  const row = page.getByRole('list', { name: 'Keep watching' });
  await row.getByRole('link', { name: /^Resume The Long Gradient/ }).waitFor();
  await tabTo(page, /^Remove The Long Gradient/);
  await page.keyboard.press('Enter');
  await row.getByRole('listitem').waitFor({ state: 'detached' });
  await page.getByText('The Long Gradient is removed').waitFor();
  await until(async () => await focused(page) === 'undo-button', 'the focus on Undo');
  await page.keyboard.press('Enter');
  await row.getByRole('link', { name: /^Resume The Long Gradient/ }).waitFor();
  await until(async () => /^Resume The Long/.test(await focused(page)), 'the focus on the card');
  await page.keyboard.press('Enter');
  await player.note('Resumed at');
  await player.assertClean();
  await page.context().close();
});

test('a finished title says so, and its series goes on with the next one', async () => {
  const player = await Player.open(await browser.device(), server, '/demo?as=noah&watch=ep-1');
  const { page } = player;
  await player.reach(1);
  await player.seek(72);
  await player.note('Finished');
  await page.getByRole('link', { name: /^Play Colour Bars.*finished$/ }).waitFor();
  await page.locator('#episodes [data-video=ep-1] .badge', { hasText: 'Finished' }).waitFor();
  assert.equal(await page.locator('#row [data-video=ep-1]').count(), 0);
  await page.getByRole('link', { name: /^Play Test Card/ }).click();
  await page.locator('#row [data-video=ep-2]').waitFor();
  assert.match(page.url(), /watch=ep-2/);
  await page.goBack();
  await until(async () => /Colour Bars/.test(await page.locator('#stage-title').textContent()),
    'the title before');
  await player.assertClean();
  await page.context().close();
});

test('the other device opens beside it and sees the playhead follow', async () => {
  const player = await Player.open(await browser.device(), server, '/demo?as=noah&watch=ep-3');
  const { page } = player;
  await page.getByRole('button', { name: 'Other device' }).click();
  const phone = page.frameLocator('iframe[title="Noah on a phone"]');
  const bar = phone.locator('#row [data-video=ep-3] progress');
  await bar.waitFor();
  const first = await bar.evaluate((element) => element.value);
  await until(async () => await bar.evaluate((element) => element.value) > first, 'it to follow');
  await player.pause();
  await phone.locator('#row').getByRole('link', { name: /^Resume Slow Spiral/ }).click();
  await phone.locator('#stage-note', { hasText: 'where the TV left off' }).waitFor();
  await page.locator('#row .about', { hasText: 'on phone' }).waitFor();
  await page.getByRole('button', { name: 'Other device' }).click();
  assert.equal(await page.locator('iframe').count(), 0);
  await player.assertClean();
  await page.context().close();
});

test('the log shows what was sent and what was said to it', async () => {
  const player = await Player.open(await browser.device(), server, '/demo?as=mia&watch=ep-2');
  await player.beats(1);
  const entry = player.page.getByRole('log').getByRole('listitem').filter({ hasText: 'tick ep-2' });
  await entry.filter({ hasText: '204' }).first().waitFor();
  await player.assertClean();
  await player.page.context().close();
});

/** Nodes of the accessibility tree that are not hidden, as { role, name }. */
async function accessibility(page) {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  return nodes.filter(({ ignored }) => !ignored)
    .map(({ role, name }) => ({ role: role?.value, name: name?.value ?? '' }));
}

// WCAG 2.2, 1.4.3: relative luminance and contrast, of the text on what is really behind it.
function contrasts() {
  const channels = (color) => color.match(/[\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map((value) => value / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = channels(getComputedStyle(e).backgroundColor);
      if (color.length < 4 || color[3] > 0.5) return color;
    }
    return [255, 255, 255];
  };
  const found = [];
  const texts = 'h1, h2, p, a, button, time, code, .name, .about';
  for (const element of document.querySelectorAll(texts)) {
    const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!text || !element.checkVisibility() || element.closest('.unseen, .face')) continue;
    const pair = [luminance(channels(getComputedStyle(element).color)), luminance(ground(element))];
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (ratio < 4.5) found.push(`${element.textContent.trim()}: ${ratio.toFixed(2)}`);
  }
  return found;
}

for (const colorScheme of ['light', 'dark']) {
  for (const [width, height] of [[1280, 900], [360, 740]]) {
    test(`names, roles and contrast, ${colorScheme} at ${width}`, async () => {
      const context = await browser.device({
        colorScheme, viewport: { width, height }, reducedMotion: 'reduce' });
      const player = await Player.open(context, server, '/demo?as=mia&watch=ep-2');
      const { page } = player;
      await player.beats(1);
      await page.locator('#row .card').first().waitFor();
      const nodes = await accessibility(page);
      const needName = /^(button|link|heading|progressbar|Video|log|region)$/;
      const nameless = nodes.filter(({ role, name }) => needName.test(role) && !name);
      assert.deepEqual(nameless, []);
      assert.equal(nodes.filter(({ role }) => role === 'main').length, 1);
      const levels = await page.evaluate(() => [...document.querySelectorAll('h1, h2, h3')]
        .filter((heading) => heading.checkVisibility()).map(({ localName }) => localName));
      assert.equal(levels.filter((level) => level === 'h1').length, 1);
      assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
      assert.deepEqual(await page.evaluate(contrasts), []);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert(wide <= 0, `${wide} pixels wider than the screen`);
      assert.equal(await page.evaluate(() =>
        getComputedStyle(document.querySelector('.poster img')).transitionDuration), '0s');
      await player.assertClean();
      await context.close();
    });
  }
}
