// The client: what a page creates once for the viewer who is signed in.
import { createSender } from './sender.js';
import { createWatch } from './track.js';
import { createTransport, failure } from './transport.js';

/** @import { Playhead, PlayheadOptions, ResumePoint } from './types.js' */

/**
 * @param {PlayheadOptions} options
 * @returns {Playhead}
 */
export function createPlayhead(options) {
  const { profile } = options;
  const transport = createTransport(options);
  const sender = createSender(transport, options.onError);

  /**
   * @param {string} method
   * @param {string} path
   * @param {Record<string, string | number | undefined>} [query]
   */
  const call = async (method, path, query) => {
    // What an earlier visit could not deliver goes first, so that an answer knows of it.
    if (!options.private) await sender.replay();
    const given = Object.entries({ ...query, profile }).filter(([, value]) => value);
    const text = new URLSearchParams(/** @type {string[][]} */ (given)).toString();
    const answer = await transport.call(method, () => [path + (text && '?' + text)]);
    // An answer that broke off in the middle is none.
    if (answer.status !== 204 && (answer.status !== 200 || !answer.data)) throw failure(answer);
    return answer.data;
  };

  /** @type {(method: string, path: string) => (video: string) => Promise<any>} */
  const act = (method, path) => (video) => call(method, path + encodeURIComponent(video));

  /** @type {(video: string) => Promise<ResumePoint>} */
  const get = act('GET', '/v1/progress/');
  /** @type {Playhead['position']} */
  const position = (video) => get(video).catch((error) => {
    if (error.code === 'no_resume_point') return null;
    throw error;
  });

  return {
    track(element, what) {
      if (!options.private) sender.replay();
      return createWatch(element, { ...options, ...what }, sender, position);
    },
    position,
    keepWatching: (page) => call('GET', '/v1/keep-watching', { ...page }),
    remove: act('DELETE', '/v1/keep-watching/'),
    undo: act('PUT', '/v1/keep-watching/'),
    mark: act('PUT', '/v1/watched/'),
    unmark: act('DELETE', '/v1/watched/'),
    forget: act('DELETE', '/v1/progress/'),
  };
}
