// A watch: one element, one video, and what of its playback is worth a report.
import { resumeAt } from './resume.js';

/** @import { PlayheadOptions, ResumePoint, TrackOptions, Watch } from './types.js' */
/** @import { Sender } from './sender.js' */

const kMovedMs = 1000;
const kSeekedMs = 500;
const kSpread = 0.1;  // of a beat, so that players do not fall into step

/** @type {WeakMap<HTMLMediaElement, Watch>} */
const watches = new WeakMap();

const randomText = () => Math.random().toString(36).slice(2, 12);

/**
 * @param {HTMLMediaElement} element
 * @param {PlayheadOptions & TrackOptions} options
 * @param {Sender} sender
 * @param {(video: string) => Promise<ResumePoint | null>} position
 * @returns {Watch}
 */
export function createWatch(element, options, sender, position) {
  const { video, series, credits_ms, profile, device } = options;
  watches.get(element)?.stop();

  const sourceNow = options.source ?? (() => element.currentSrc);
  const durationMs = () => Math.round((options.duration?.() ?? element.duration) * 1000);

  let session = randomText();
  let seq = 0;
  let playing = false;
  let ended = false;
  let emptied = false;
  /** What the element plays, once it has played. @type {unknown} */
  let source;
  /** The last position seen, and when. @type {{ position_ms: number, at: number, duration_ms?: number } | undefined} */
  let seen;
  /** The last one reported. @type {number | undefined} */
  let told_ms;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let beatTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let seekTimer;

  /** Reads the position, unless it is another source's: a new one has no metadata at first. */
  const look = () => {
    if (emptied || !element.readyState) return;
    const now = sourceNow();
    if (now !== (source ??= now)) return;
    const length = durationMs();
    seen = {
      position_ms: Math.round(element.currentTime * 1000),
      duration_ms: length > 0 && length < Infinity ? length : undefined,
      at: Date.now(),
    };
    told_ms ??= seen.position_ms;
  };

  /** @type {(event: string) => void} */
  const report = (event) => {
    look();
    if (!seen || options.private) return;
    const { at, ...place } = seen;
    if (event !== 'ended' && Math.abs(place.position_ms - Number(told_ms)) < kMovedMs) return;
    told_ms = place.position_ms;
    sender.put({ at, report: {
      video_id: video, ...place, event, session, seq: ++seq, profile, device, series, credits_ms } });
  };

  const rest = () => {
    clearTimeout(beatTimer);
    clearTimeout(seekTimer);
    beatTimer = undefined;
    playing = false;
  };

  const beat = () => {
    report('tick');
    const spread = 1 + kSpread * (2 * Math.random() - 1);
    beatTimer = setTimeout(beat, sender.intervalMs * spread);
  };

  const played = () => {
    if (playing) return;
    playing = true;
    if (ended) {  // again from the start: another playback
      session = randomText();
      seq = 0;
      ended = false;
    }
    look();
    beatTimer = setTimeout(beat, sender.intervalMs * Math.random());
  };

  /** @type {Record<string, () => void>} */
  const on = {
    play: played,
    timeupdate: look,
    pause() {
      const was = playing;
      rest();
      if (was && !element.ended) report('pause');
    },
    ended() {
      rest();
      ended = true;
      report('ended');
    },
    seeked() {
      clearTimeout(seekTimer);
      seekTimer = setTimeout(() => playing && report('seek'), kSeekedMs);
    },
    emptied() {
      if (source === undefined) return;  // nothing of it was seen
      const was = playing;
      emptied = true;
      rest();
      if (was) report('stop');
    },
    loadedmetadata() {
      if (!emptied) return;
      emptied = false;
      if (sourceNow() !== source) end();
      else if (!element.paused) played();
    },
  };
  /** @type {(event: string) => void} */
  const tell = (event) => {
    if (playing) report(event);
  };

  /** @type {Record<string, () => void>} */
  const onPage = {
    visibilitychange() {
      if (document.hidden) tell('tick');
    },
    pagehide() {
      tell('stop');
      sender.leaves();
    },
  };

  const life = new AbortController();
  const { signal } = life;
  /** @type {(target: EventTarget | undefined, handlers: Record<string, () => void>) => void} */
  const listen = (target, handlers) => {
    for (const type in handlers) {
      target?.addEventListener(type, () => {
        try {
          handlers[type]();
        } catch { /* nothing of ours may reach the page as an error */ }
      }, { signal });
    }
  };

  const end = () => {
    rest();
    life.abort();
  };

  listen(element, on);
  listen(globalThis.window, onPage);
  if (!element.paused && !element.ended) played();

  /** @type {Watch} */
  const watch = {
    flush() {
      tell('tick');
      return sender.pump();
    },
    stop() {
      tell('stop');
      end();
      return sender.pump();
    },
    ready: resumeAt(element, options, () => position(video), durationMs, (position_ms) => {
      told_ms = position_ms;
      return !signal.aborted;
    }),
  };
  watches.set(element, watch);
  return watch;
}
