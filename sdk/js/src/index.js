// The client: what a page creates once for the viewer who is signed in.
import { createSender } from './sender.js';
import { createWatch } from './track.js';
import { createTransport, failure } from './transport.js';

/** @import { Playhead, PlayheadOptions } from './types.js' */

/**
 * @param {PlayheadOptions} options
 * @returns {Playhead}
 */
export function createPlayhead(options) {
  const transport = createTransport(options);
  const sender = createSender(transport, options);

  /**
   * @param {string} method
   * @param {string} path
   * @param {Record<string, string | number | undefined>} [query]
   */
  const call = async (method, path, query) => {
    // What an earlier visit could not deliver goes first, so that an answer knows of it.
    await sender.replay();
    const given = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...query, profile: options.profile })) {
      if (value) given.set(name, String(value));
    }
    const answer = await transport.call(method, () => [path + '?' + given]);
    // An answer that broke off in the middle is none.
    if (answer.status < 300 && (answer.data || answer.status > 200)) return answer.data;
    throw failure(answer);
  };

  /** @type {(method: string, path: string) => (video: string) => Promise<any>} */
  const act = (method, path) => (video) => call(method, path + encodeURIComponent(video));

  /**
   * Asks as for several: asked for by itself, a title that was not watched is answered 404, which a
   * browser's console shows in red.
   * @type {Playhead['position']}
   */
  const position = async (video) =>
    (await call('GET', '/v1/progress', { video_id: video })).items[0] ?? null;

  return {
    track(element, what) {
      sender.replay();
      return createWatch(element, { ...options, ...what }, sender, position);
    },
    position,
    keepWatching: (page) => call('GET', '/v1/keep-watching', page),
    remove: act('DELETE', '/v1/keep-watching/'),
    undo: act('PUT', '/v1/keep-watching/'),
    mark: act('PUT', '/v1/watched/'),
    unmark: act('DELETE', '/v1/watched/'),
    forget: act('DELETE', '/v1/progress/'),
  };
}
