// hls.js: the element's source is a new blob after each recovery, so the manifest tells what plays.

/** @import { Playhead, TrackOptions, Watch } from '../src/types.js' */

/**
 * @typedef {object} HlsPlayer what this needs of a Hls
 * @property {HTMLMediaElement | null} media
 * @property {string | null} url
 * @property {{ details?: { live: boolean } }[]} levels
 * @property {number} currentLevel
 * @property {(event: any, heard: () => void) => void} once
 */

/**
 * To be called once media is attached.
 * @type {(playhead: Playhead, hls: HlsPlayer, options: TrackOptions) => Watch}
 */
export function trackHls(playhead, hls, options) {
  const element = /** @type {HTMLMediaElement} */ (hls.media);
  const watch = playhead.track(element, {
    source: () => hls.url,
    // A live playlist's length is that of its window.
    duration: () => (hls.levels.some((level) => level.details?.live) ? Infinity : element.duration),
    ...options,
  });
  hls.once('hlsDestroying', () => watch.stop());
  return watch;
}
