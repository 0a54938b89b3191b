// The types of the public interface; nothing of this is left at run time.

/**
 * @typedef {object} PlayheadOptions
 * @property {string} url where the service answers, such as `https://playhead.example.com`
 * @property {(ask: { refresh: boolean }) => string | Promise<string>} token gives the viewer's
 *   bearer token, for each request; with `refresh` the last one was refused: a new one is wanted
 * @property {string} [profile] the profile in the account
 * @property {string} [device] a name for the device or its kind, to be shown
 * @property {boolean} [private] nothing is sent but questions, and nothing is kept in the browser
 * @property {string} [account] who this is; else the `sub` of the token, if that is a JWT. It tells
 *   the local records of several accounts in one browser apart; without it there are none
 * @property {(error: PlayheadError) => void} [onError] told of reports that were refused for good,
 *   and of tokens that were refused twice
 * @property {(url: string, request: WithHeaders) => Promise<unknown>} [lastWord] sends what is left
 *   when the page closes, in place of `fetch`, where the browser has no fetchLater
 */

/**
 * @typedef {object} TrackOptions
 * @property {string} video the id of the video that the element has, or is being given
 * @property {boolean | ((point: ResumePoint) => unknown)} [resume] start where the viewer was; a
 *   function may veto it by (a promise of) `false`
 * @property {(point: ResumePoint) => void} [onFurther] called when the viewer was further already,
 *   by 5 seconds or more, perhaps on another device: `point.furthest_position_ms`
 * @property {{ id: string, season?: number, episode?: number }} [series]
 * @property {number} [credits_ms] where the closing credits start, in milliseconds
 * @property {string} [device]
 * @property {boolean} [private]
 * @property {() => unknown} [source] for adapters: what the element plays, told apart by `===`; a
 *   change ends the watch. Else the element's `currentSrc`
 * @property {() => number} [duration] for adapters: the length in seconds, Infinity when live; else
 *   the element's `duration`
 */

/**
 * @typedef {object} Watch
 * @property {() => Promise<void>} flush reports the position now, if it plays and moved; settles
 *   after one attempt
 * @property {() => Promise<void>} stop reports it a last time and lets go of the element; settles
 *   after one attempt
 * @property {Promise<ResumePoint | null>} ready settles when playback starts where it should, with
 *   the resume point that was used, or null
 */

/**
 * @typedef {object} ResumePoint
 * @property {string} video_id
 * @property {'opened' | 'in_progress' | 'finished'} state
 * @property {number} [position_ms]
 * @property {number} [duration_ms]
 * @property {number} [percent]
 * @property {number} [resume_position_ms] where a player starts; 0 when finished
 * @property {number} [furthest_position_ms]
 * @property {number} watched_at
 * @property {number} [finished_at]
 * @property {string} [device]
 * @property {{ id: string, season?: number, episode?: number }} [series]
 */

/**
 * @typedef {object} Row
 * @property {(ResumePoint & { kind: string })[]} items
 * @property {string | null} next_cursor
 */

/**
 * @typedef {Error & Answer & { code?: string }} PlayheadError `code` is the service's
 */

/**
 * @typedef {object} Playhead
 * @property {(element: HTMLMediaElement, options: TrackOptions) => Watch} track
 * @property {(video: string) => Promise<ResumePoint | null>} position
 * @property {(page?: { limit?: number, cursor?: string }) => Promise<Row>} keepWatching
 * @property {(video: string) => Promise<void>} remove from the row, until it moves again
 * @property {(video: string) => Promise<void>} undo the removal
 * @property {(video: string) => Promise<void>} mark as watched
 * @property {(video: string) => Promise<void>} unmark
 * @property {(video: string) => Promise<void>} forget delete it from the history
 */

/**
 * @typedef {object} Answer
 * @property {number} status 0 where there was none
 * @property {any} [data]
 * @property {number} retryAfterMs
 * @property {number} [intervalMs] 0 where it does not say
 */

/** @typedef {RequestInit & { headers: Record<string, string> }} WithHeaders */

/**
 * @typedef {object} Entry a report that waits, and when it was true
 * @property {number} at by Date.now()
 * @property {Record<string, any> & { video_id: string, session: string }} report
 * @property {string} [account] whose it is, once known
 * @property {() => void} [done] of an earlier visit's: called when it waits no longer
 */

export {};
