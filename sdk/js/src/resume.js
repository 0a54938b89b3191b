// Starting where the viewer was.
import { kFurtherByMs, kResumeWaitMs } from './limits.js';

/** @import { ResumePoint, TrackOptions } from './types.js' */

/**
 * Seeks to the resume point as soon as there is something to seek in. Until it is known, playback
 * is held at rate 0: unlike a pause, this refuses no promise that the page got of `play()`.
 * @param {HTMLMediaElement} element
 * @param {TrackOptions} options
 * @param {() => Promise<ResumePoint | null>} ask
 * @param {() => number | undefined} durationMs
 * @param {(position_ms: number) => boolean} move called before the seek; false where it is too late
 * @returns {Promise<ResumePoint | null>} what was used
 */
export async function resumeAt(element, { resume, onFurther }, ask, durationMs, move) {
  if (!resume && !onFurther) return null;
  let used = null;
  let rate = 0;
  let held = !!resume;
  const loaded = new Promise((/** @type {(_?: unknown) => void} */ resolve) => {
    if (element.readyState) resolve();
    else element.addEventListener('loadedmetadata', resolve, { once: true });
  });
  loaded.then(() => {
    if (!held) return;
    rate = element.playbackRate;
    element.playbackRate = 0;
  });
  try {
    const point = await Promise.race([ask(), new Promise((resolve) => {
      setTimeout(resolve, kResumeWaitMs);
    })]);
    const wanted = point && resume && (resume === true || await resume(point) !== false);
    held = false;
    if (point && point.state !== 'finished') {
      await loaded;
      const length = durationMs() ?? 0;  // a live stream has no place that is still there
      const target = point.resume_position_ms ?? point.percent / 100 * length;
      if (wanted && target > 0 && target < length && move(target)) {
        element.currentTime = target / 1000;
        used = point;
      }
      const furthest = point.furthest_position_ms;
      if (furthest < length && furthest - element.currentTime * 1000 >= kFurtherByMs) {
        onFurther?.(point);
      }
    }
  } catch { /* unreachable, or the page's own trouble: playback starts where it would */ }
  held = false;
  if (rate && !element.playbackRate) element.playbackRate = rate;
  return used;
}
