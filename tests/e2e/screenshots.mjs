// Makes docs/demo-light.png and docs/demo-dark.png: the demo with two devices, a title half seen.
import { fileURLToPath } from 'node:url';
import { Browser, Server, removeFolders, until } from './harness.mjs';
import { Player } from './player.mjs';

const docs = fileURLToPath(new URL('../../docs/', import.meta.url));

const server = await new Server().start();
const browser = await new Browser().open();

/** Watches a bit of a title, as somebody would have before. */
async function watched(context, address, seconds) {
  const player = await Player.open(context, server, address);
  await player.reach(0.5);
  await player.seek(seconds);
  await player.reach(seconds + 1.5);
  await player.pause();
  await until(() => player.reports.some(({ position_ms }) => position_ms >= seconds * 1000),
    `${seconds} s to be told`);
  await player.page.close();
}

async function picture(viewer, colorScheme) {
  const context = await browser.device({ colorScheme, viewport: { width: 1360, height: 1010 } });
  await watched(context, `/demo?as=${viewer}&watch=ep-1`, 73);
  await watched(context, `/demo?as=${viewer}&watch=ep-2`, 38);
  await watched(context, `/demo?as=${viewer}&watch=film&device=phone`, 42);
  const player = await Player.open(context, server, `/demo?as=${viewer}&watch=film`);
  const { page } = player;
  await player.beats(2);
  await page.getByRole('button', { name: 'Other device' }).click();
  await page.frameLocator('iframe').locator('#row progress').first().waitFor();
  await player.beats(2);
  await page.mouse.move(5, 1000);
  await page.waitForTimeout(4000);  // the video's own controls go away
  await page.screenshot({ path: `${docs}demo-${colorScheme}.png` });
  await context.close();
}

try {
  await picture('mia', 'light');
  await picture('noah', 'dark');
} finally {
  await browser.quit();
  await server.stop();
  await removeFolders();
}
