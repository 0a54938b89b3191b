// The real server and a real browser, their folders, and their deaths.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const kRoot = fileURLToPath(new URL('../..', import.meta.url));
// The longest wait for anything: the machine may be busy.
export const kPatienceMs = 60_000;
// What `playhead demo` asks players for, and how far the client strays from it.
export const kBeatMs = 2_000 * 1.1;

function binary() {
  const given = process.env.PLAYHEAD_BINARY;
  const found = given ?? ['release', 'dev'].map((preset) => `${kRoot}build/${preset}/playhead`)
    .find(existsSync);
  assert(found, 'no binary: build one, or set PLAYHEAD_BINARY');
  return found;
}

/** Rejects what takes too long, and says what it was. */
export async function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), kPatienceMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Asks again and again until there is something true, and gives that. */
export async function until(ask, what, patienceMs = kPatienceMs) {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const found = await ask();
    if (found) return found;
    assert(Date.now() < deadline, `waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The first match of `pattern` in what a process says. */
function said(stream, pattern) {
  return within(new Promise((resolve, reject) => {
    const lines = createInterface({ input: stream });
    lines.on('line', (line) => {
      const match = line.match(pattern);
      if (match) resolve(match[1]);
    });
    lines.on('close', () => reject(new Error(`ended before it said ${pattern}`)));
  }), pattern);
}

// What a run that is broken off would leave behind. A browser's helpers are one group with it.
const groups = new Set();
process.once('exit', () => {
  for (const group of groups) {
    try {
      process.kill(-group, 'SIGKILL');
    } catch { /* it has ended */ }
  }
});

function start(program, args, options = {}) {
  const started = spawn(program, args, {
    ...options, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  groups.add(started.pid);
  return started;
}

const folders = [];

async function folder() {
  folders.push(await mkdtemp(path.join(tmpdir(), 'playhead-e2e-')));
  return folders.at(-1);
}

async function end(started, signal) {
  if (!started || started.exitCode !== null || started.signalCode !== null) return;
  const exited = once(started, 'exit');
  // A SIGKILL reaches nobody else by itself; told to end, a browser sees to its helpers.
  process.kill(signal === 'SIGKILL' ? -started.pid : started.pid, signal);
  await within(exited, 'a process to end');
}

/** `playhead demo` on a port of the system's choice, which it keeps over restarts. */
export class Server {
  #process;
  #data;
  port = 0;

  async start() {
    this.#data ??= await folder();
    const settings = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !name.startsWith('PLAYHEAD_')));
    this.#process = start(binary(), ['demo', '--listen', `127.0.0.1:${this.port}`,
      '--admin-listen', '', '--data', this.#data], { env: settings });
    this.port = Number(await said(this.#process.stderr, /"event":"listening".*?"port":(\d+)/));
    return this;
  }

  get origin() {
    return `http://127.0.0.1:${this.port}`;
  }

  kill9() {
    return end(this.#process, 'SIGKILL');
  }

  stop() {
    return end(this.#process, 'SIGTERM');
  }

  /** What the server holds of a viewer's video, or undefined. */
  async point(viewer, video) {
    const { token } = await (await fetch(`${this.origin}/demo/sign-in/${viewer}`,
      { method: 'POST' })).json();
    const answer = await fetch(`${this.origin}/v1/progress/${video}`,
      { headers: { Authorization: `Bearer ${token}` } });
    return answer.status === 404 ? undefined : answer.json();
  }
}

const kFlags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--disable-default-apps', '--disable-dev-shm-usage', '--hide-scrollbars',
  // Nothing but this machine can be reached, whatever the browser has in mind.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1', '--remote-debugging-port=0'];

/** Debian's Chromium, with a profile that outlives it: what is quit can be opened again. */
export class Browser {
  #process;
  #profile;
  #browser;

  async open() {
    this.#profile ??= await folder();
    this.#process = start('/usr/bin/chromium', [...kFlags, `--user-data-dir=${this.#profile}`,
      'about:blank']);
    const address = await said(this.#process.stderr, /DevTools listening on (ws:\S+)/);
    this.#browser = await chromium.connectOverCDP(address);
    return this;
  }

  /** The profile's own context, which keeps what it stores on disk. */
  get context() {
    return this.#browser.contexts()[0];
  }

  /** Another device: nothing is shared with it. */
  device(options) {
    return this.#browser.newContext(options);
  }

  quit(signal = 'SIGTERM') {
    return end(this.#process, signal);
  }
}

export async function removeFolders() {
  for (const each of folders.splice(0)) {
    await rm(each, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
