// Shaka Player: knows what it has loaded, and whether that is live.

/** @import { Playhead, TrackOptions, Watch } from '../src/types.js' */

/**
 * @typedef {object} ShakaPlayer what this needs of a shaka.Player
 * @property {() => HTMLMediaElement | null} getMediaElement
 * @property {() => string | null} getAssetUri
 * @property {() => boolean} isLive
 * @property {(event: string, heard: () => void) => void} addEventListener
 */

/**
 * To be called once media is attached.
 * @type {(playhead: Playhead, player: ShakaPlayer, options: TrackOptions) => Watch}
 */
export function trackShaka(playhead, player, options) {
  const element = /** @type {HTMLMediaElement} */ (player.getMediaElement());
  const watch = playhead.track(element, {
    source: () => player.getAssetUri(),
    duration: () => (player.isLive() ? Infinity : element.duration),
    ...options,
  });
  player.addEventListener('unloading', () => watch.stop());
  return watch;
}
