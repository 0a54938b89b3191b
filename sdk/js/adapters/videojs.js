// video.js: tracks the element the player plays with, and knows when it plays something else.

/** @import { Playhead, TrackOptions, Watch } from '../src/types.js' */

/**
 * @typedef {object} VideojsPlayer what this needs of a video.js player
 * @property {(safe: unknown) => { el(): Element }} tech
 * @property {() => { src?: string } | undefined} currentSource
 * @property {() => number | undefined} duration
 * @property {(event: string, heard: () => void) => void} one
 */

/** @type {(playhead: Playhead, player: VideojsPlayer, options: TrackOptions) => Watch} */
export function trackVideojs(playhead, player, options) {
  const element = /** @type {HTMLMediaElement} */ (player.tech(true).el());
  const watch = playhead.track(element, {
    source: () => player.currentSource()?.src,
    duration: () => player.duration() ?? NaN,
    ...options,
  });
  player.one('dispose', () => watch.stop());
  return watch;
}
