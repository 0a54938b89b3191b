// The server and the browser of a file's tests, from before the first one to after the last.
import { after, before } from 'node:test';
import { Browser, Server, removeFolders } from './harness.mjs';

/** There once the first test begins. */
export let server;
export let browser;

before(async () => {
  server = await new Server().start();
  browser = await new Browser().open();
});

after(async () => {
  await browser.quit();
  await server.stop();
  await removeFolders();
});
