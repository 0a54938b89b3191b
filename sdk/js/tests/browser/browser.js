// A real browser, a real page of another origin than the service, and real videos.
import { execFile } from 'node:child_process';
import {
  createReadStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { chromium } from 'playwright-core';

import { Server } from '../server.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const kTypes = {
  '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.mp4': 'video/mp4',
  '.m3u8': 'application/vnd.apple.mpegurl', '.m4s': 'video/iso.segment' };

/** Where a Chromium is; undefined where none is. */
export const chromiumPath = [process.env.PLAYHEAD_CHROMIUM, '/usr/bin/chromium']
  .find((path) => path && existsSync(path));

/** A film of `seconds` as a file and as a playlist, small and with a key frame each second. */
async function makeFilm(folder, name, seconds) {
  const out = join(folder, name);
  mkdirSync(out);
  const ffmpeg = (...more) => run('ffmpeg', ['-v', 'error', '-y', ...more], { cwd: out });
  await ffmpeg('-f', 'lavfi', '-i', `testsrc=size=160x90:rate=10:duration=${seconds}`, '-c:v',
    'libx264', '-pix_fmt', 'yuv420p', '-g', '10', '-movflags', '+faststart', 'film.mp4');
  await ffmpeg('-i', 'film.mp4', '-c', 'copy', '-f', 'hls', '-hls_time', '2', '-hls_playlist_type',
    'vod', '-hls_segment_type', 'fmp4', 'film.m3u8');
}

/** Files of the package, and of `media` under /media; parts where a player asks for parts. */
function serveFiles(media) {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://h').pathname));
    if (path === '/page') {
      response.writeHead(200, { 'Content-Type': 'text/html' });
      return response.end('<!doctype html><title>page</title><video muted width="160"></video>');
    }
    const file = path.startsWith('/media/') ? join(media, path.slice(7)) : join(root, path);
    if (!existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end();
    const { size } = statSync(file);
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const start = Number(from ?? 0);
    const end = to ? Math.min(Number(to), size - 1) : size - 1;
    response.writeHead(from ? 206 : 200, {
      'Content-Type': kTypes[extname(file)] ?? 'application/octet-stream',
      'Accept-Ranges': 'bytes', 'Content-Length': end - start + 1,
      ...(from && { 'Content-Range': `bytes ${start}-${end}/${size}` }) });
    createReadStream(file, { start, end }).pipe(response);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

/** The service, the files and the films of a test file; `close` removes them. */
export async function openStage(settings) {
  const folder = mkdtempSync(join(tmpdir(), 'playhead-browser-'));
  const [files, service] = await Promise.all([serveFiles(folder), new Server().start(settings),
    makeFilm(folder, 'a', 60), makeFilm(folder, 'b', 60)]);
  let viewers = 0;
  return {
    service, folder, origin: `http://127.0.0.1:${files.address().port}`,
    /** Someone the service has not met yet. */
    viewer() {
      const token = service.token(`viewer-${++viewers}`, '1h');
      return {
        token,
        /** The resume point, if there is one. */
        async point(video) {
          const { status, data } = await service.get(`/v1/progress/${video}`, token);
          return status === 200 ? data : undefined;
        },
      };
    },
    async close() {
      files.closeAllConnections?.();
      files.close();
      await service.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A word is left out where a beat told the position less than a second of playback ago. */
export const kUntoldMs = 1000;

const kFlags = ['--no-sandbox', '--autoplay-policy=no-user-gesture-required'];

/** A browser whose profile is in `folder`: what it stores outlives it. */
export const openBrowser = (folder) => chromium.launchPersistentContext(folder, {
  executablePath: chromiumPath, args: kFlags });

/** Opens the page and gives it `playhead`, made with the viewer's token. */
export async function openPage(context, stage, viewer) {
  const page = await context.newPage();
  const troubles = [];
  page.on('pageerror', (error) => troubles.push(error.message));
  await page.goto(stage.origin + '/page');
  await page.evaluate(async ([url, token]) => {
    const { createPlayhead } = await import('/src/index.js');
    window.video = document.querySelector('video');
    window.errors = [];
    window.playhead = createPlayhead({
      url, token: () => token, onError: (error) => window.errors.push(error.message) });
  }, [stage.service.url, viewer.token]);
  return Object.assign(page, { troubles });
}

/** Goes there once there is something to seek in: a player may set a start of its own before. */
export const seek = (page, seconds) => page.evaluate(async (to) => {
  while (!video.readyState) await new Promise((done) => setTimeout(done, 50));
  video.currentTime = to;
}, seconds);

/** Plays until `seconds` have been played; gives where it is. */
export const playFor = (page, seconds) => page.evaluate(async (goal) => {
  const start = video.currentTime;
  await video.play();
  while (video.currentTime < start + goal) await new Promise((done) => setTimeout(done, 50));
  return video.currentTime;
}, seconds);

/** The film's playlist as of a stream that goes on. */
export function makeLive(folder, name) {
  const text = readFileSync(join(folder, name, 'film.m3u8'), 'utf8');
  writeFileSync(join(folder, name, 'live.m3u8'),
    text.replace('#EXT-X-PLAYLIST-TYPE:VOD\n', '').replace('#EXT-X-ENDLIST\n', ''));
}
