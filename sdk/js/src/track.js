// A watch: one element, one video, and what of its playback is worth a report.
import { kBeatMin, kBeatSpread, kMovedMs, kSeekedMs } from './limits.js';
import { resumeAt } from './resume.js';
import { safely } from './safely.js';

/** @import { PlayheadOptions, ResumePoint, TrackOptions, Watch } from './types.js' */
/** @import { Sender } from './sender.js' */

/** @type {WeakMap<HTMLMediaElement, Watch>} */
const watches = new WeakMap();

const randomText = () => Math.random().toString(36).slice(2);

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
  /** Undefined where there is none: not known yet, or live. */
  const durationMs = () => {
    const length = options.duration?.() ?? element.duration;
    return length > 0 && length < Infinity ? Math.round(length * 1000) : undefined;
  };

  let session = randomText();
  let seq = 0;
  let playing = false;
  /** What the element plays, once it has played. @type {unknown} */
  let source;
  /**
   * The last position seen.
   * @type {{ position_ms: number, duration_ms?: number, at: number } | undefined}
   */
  let seen;
  /** The last one reported. @type {number | undefined} */
  let told_ms;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let beatTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let seekTimer;

  /**
   * Reads the position, unless it is another source's: a new one has no metadata at first, and then
   * another name. The old one's last position stays in `seen`.
   */
  const look = safely(() => {
    const now = sourceNow();
    if (!element.readyState || now !== (source ??= now)) return false;
    seen = {
      position_ms: Math.round(element.currentTime * 1000),
      duration_ms: durationMs(),
      at: Date.now(),
    };
    told_ms ??= seen.position_ms;
    return true;
  });

  /** @type {(event: string) => void} */
  const report = (event) => {
    look();
    if (!seen || options.private) return;
    const { at, ...place } = seen;
    const movedMs = Math.abs(place.position_ms - /** @type {number} */ (told_ms));
    if (event !== 'ended' && movedMs < kMovedMs) return;
    told_ms = place.position_ms;
    seq++;
    sender.put({ at, report: {
      video_id: video, ...place, event, session, seq, profile, device, series, credits_ms } });
  };

  /** @type {(event: string) => void} */
  const tell = (event) => {
    if (playing) report(event);
  };

  const rest = () => {
    clearTimeout(beatTimer);
    clearTimeout(seekTimer);
    playing = false;
  };

  const beat = () => {
    tell('tick');
    beatTimer = setTimeout(beat, sender.intervalMs * (kBeatMin + Math.random() * kBeatSpread));
  };

  /** @type {Record<string, () => void>} */
  const on = {
    play() {
      if (!playing) beatTimer = setTimeout(beat, sender.intervalMs * Math.random());
      playing = true;
      look();
    },
    timeupdate: look,
    pause() {
      if (!element.ended) tell('pause');
      rest();
    },
    ended() {
      rest();
      if (look()) report('ended');
      // Playing it again is another playback.
      session = randomText();
      seq = 0;
    },
    seeked() {
      clearTimeout(seekTimer);
      seekTimer = setTimeout(tell, kSeekedMs, 'seek');
    },
    emptied() {
      tell('stop');
      rest();
    },
  };

  const life = new AbortController();
  const { signal } = life;
  for (const type in on) element.addEventListener(type, on[type], { signal });
  sender.watches.add(tell);
  if (!element.paused) on.play();

  /** @type {Watch} */
  const watch = {
    flush() {
      tell('tick');
      return sender.pump();
    },
    stop() {
      tell('stop');
      rest();
      life.abort();
      sender.watches.delete(tell);
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
