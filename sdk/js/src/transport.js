// Requests: the token, the time they may take, and what their answers say.
import { kKeepaliveMax, kSteeringMaxS, kTimeoutMs } from './limits.js';

/** @import { Answer, PlayheadError, PlayheadOptions, WithHeaders } from './types.js' */

/**
 * What the page is told: nothing of the request, which holds the token.
 * @type {(answer: Answer) => PlayheadError}
 */
export const failure = (answer) => {
  const code = answer.data?.code;
  return Object.assign(new Error(code ?? answer.status), answer, { code });
};

/** @param {PlayheadOptions} options */
export function createTransport({ url, token, account, lastWord }) {
  const base = url.replace(/\/+$/, '');
  let newest = '';  // a page that closes has no time to ask for a token

  /** @type {(method: string, body?: object) => WithHeaders} */
  const request = (method, body) => {
    const text = JSON.stringify(body);
    return {
      method,
      headers: {
        Authorization: 'Bearer ' + newest, ...(body && { 'Content-Type': 'application/json' }) },
      body: text,
      credentials: 'omit',
      keepalive: text?.length < kKeepaliveMax,
    };
  };

  const transport = {
    /** Asks the page for a token. */
    async bearer(refresh = false) {
      newest = await token({ refresh });
    },

    /** Whose the newest token is, where that can be told. @type {() => string | undefined} */
    account() {
      try {
        return account ??
          JSON.parse(atob(newest.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'))).sub;
      } catch { /* not a JWT */ }
    },

    /**
     * Never rejects. Asks for a new token once when one is refused.
     * @param {string} method
     * @param {() => [string, object?]} compose gives path and body, once the token is known
     * @returns {Promise<Answer>}
     */
    async call(method, compose, refresh = false) {
      /** @type {Answer} */
      const answer = { status: 0, retryAfterMs: 0 };
      try {
        await transport.bearer(refresh);
        const [path, body] = compose();
        const response = await fetch(base + path, {
          ...request(method, body), signal: AbortSignal.timeout(kTimeoutMs) });
        if (response.status === 401 && !refresh) return transport.call(method, compose, true);
        /** @type {(name: string) => number} */
        const steeringMs = (name) => {
          const seconds = +/** @type {string} */ (response.headers.get(name));
          return seconds > 0 ? Math.min(seconds, kSteeringMaxS) * 1000 : 0;
        };
        answer.status = response.status;
        answer.retryAfterMs = steeringMs('Retry-After');
        answer.intervalMs = steeringMs('Playhead-Interval');
        answer.data = await response.json();
      } catch { /* no answer, or no JSON in it */ }
      return answer;
    },

    /**
     * Sends reports while the page closes: nobody hears the answer.
     * @type {(path: string, body: object) => void}
     */
    depart(path, body) {
      if (!newest) return;
      const init = request('POST', body);
      try {
        // Leaves with the page, and at the latest now: its age is written in it.
        /** @type {any} */ (globalThis).fetchLater(base + path, { ...init, activateAfter: 0 });
      } catch {  // there is none, it is not allowed here, or its quota is used up
        (lastWord ?? fetch)(base + path, init).catch(() => {});
      }
    },
  };
  return transport;
}

/** @typedef {ReturnType<typeof createTransport>} Transport */
