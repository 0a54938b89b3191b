// The real server: the binary of PLAYHEAD_BINARY or of the newest build, on a port of its choice.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { openSync, closeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const kPatienceMs = 20_000;

export const binary = () => {
  if (process.env.PLAYHEAD_BINARY) return process.env.PLAYHEAD_BINARY;
  const built = ['asan', 'release', 'dev'].map((name) => join(root, 'build', name, 'playhead'))
    .filter(existsSync).sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  if (!built.length) throw new Error('no binary: build one, or set PLAYHEAD_BINARY');
  return built[0];
};

/** Ours without PLAYHEAD_*, which the program would take for settings. */
const environment = () => Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('PLAYHEAD_')));

export const until = async (found, what) => {
  const end = Date.now() + kPatienceMs;
  for (;;) {
    const result = await found();
    if (result) return result;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

export class Server {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'playhead-sdk-'));
    this.port = 0;
  }

  async start(settings = {}) {
    const log = join(this.folder, 'log');
    const from = existsSync(log) ? readFileSync(log, 'utf8').length : 0;
    const given = Object.entries({ 'http.allowed_origins': '*', ...settings })
      .flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    const out = openSync(log, 'a');
    this.process = spawn(binary(), ['serve', '--listen', `127.0.0.1:${this.port}`,
      '--admin-listen', '127.0.0.1:0', '--data', join(this.folder, 'data'), ...given],
    { env: environment(), stdio: ['ignore', 'ignore', out] });
    closeSync(out);
    const started = this.process;
    const event = await until(() => {
      if (started.exitCode !== null) throw new Error(readFileSync(log, 'utf8').slice(from));
      return readFileSync(log, 'utf8').slice(from).split('\n').filter((line) => line.endsWith('}'))
        .map((line) => JSON.parse(line)).find((line) => line.event === 'listening');
    }, 'the server to listen');
    this.port = event.port;  // and again after a restart, so that pages find it
    this.url = `http://127.0.0.1:${this.port}`;
    return this;
  }

  async end(signal = 'SIGTERM') {
    if (this.process.exitCode !== null || this.process.signalCode) return;
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill(signal);
    await ended;
  }

  /** Ends it, and removes what it wrote. */
  async remove() {
    await this.end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  token(sub, ttl = '1h') {
    return execFileSync(binary(), ['token', '--data', join(this.folder, 'data'), '--sub', sub,
      '--ttl', ttl], { env: environment(), encoding: 'utf8' }).trim();
  }

  async get(path, token) {
    const answer = await fetch(this.url + path, { headers: { Authorization: `Bearer ${token}` } });
    return { status: answer.status, data: await answer.json().catch(() => null) };
  }
}
