// Starting where the viewer was.

/** @import { ResumePoint, TrackOptions } from './types.js' */

const kWaitMs = 2000;  // a later jump would disturb
const kFurtherByMs = 5_000;

/**
 * Seeks to the resume point as soon as there is something to seek in. Until it is known, playback
 * is held at rate 0: unlike a pause, this refuses no promise that the page got of `play()`.
 * @param {HTMLMediaElement} element
 * @param {TrackOptions} options
 * @param {() => Promise<ResumePoint | null>} ask
 * @param {() => number} durationMs
 * @param {(position_ms: number) => boolean} move called before the seek; false where it is too late
 * @returns {Promise<ResumePoint | null>} what was used
 */
export async function resumeAt(element, options, ask, durationMs, move) {
  const { resume, onFurther } = options;
  if (!resume && !onFurther) return null;
  let rate = 0;
  const hold = () => {
    rate ||= element.playbackRate;
    element.playbackRate = 0;
  };
  const release = () => {
    element.removeEventListener('loadedmetadata', hold);
    if (rate && !element.playbackRate) element.playbackRate = rate;
    rate = 0;
  };
  const late = new Promise((/** @type {(nothing: null) => void} */ resolve) =>
    setTimeout(resolve, kWaitMs, null));
  try {
    if (resume) {
      element.addEventListener('loadedmetadata', hold);
      if (element.readyState) hold();
    }
    const point = await Promise.race([ask(), late]);
    const wanted = point && resume && (resume === true || await resume(point) !== false);
    element.removeEventListener('loadedmetadata', hold);
    if (!point) return null;
    if (!element.readyState) {
      await new Promise((resolve) => {
        element.addEventListener('loadedmetadata', resolve, { once: true });
      });
    }
    const length = durationMs();
    const finished = point.state === 'finished';
    const target = finished ? 0 : point.resume_position_ms ?? (point.percent ?? 0) / 100 * length;
    // A live stream has no length, and no place that is still there.
    const used = !!wanted && target > 0 && target < length && move(target);
    if (used) element.currentTime = target / 1000;
    release();
    const start = used ? target : element.currentTime * 1000;
    const furthest = point.furthest_position_ms ?? 0;
    if (!finished && furthest < length && furthest - start >= kFurtherByMs) onFurther?.(point);
    return used ? point : null;
  } catch {
    return null;  // unreachable, or the page's own trouble: playback starts where it would
  } finally {
    release();
  }
}
