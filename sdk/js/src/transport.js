// Requests: the token, the time they may take, and what their answers say.

/** @import { Answer, PlayheadError, PlayheadOptions } from './types.js' */

// The service answers 503 after 10 s at the latest (commit.wait_max_ms).
const kTimeoutMs = 15_000;
// The bound of http.playhead_interval_s; also taken for Retry-After.
const kSteeringMaxS = 3600;
// Browsers let 64 KiB go on after a page, and a character has up to three bytes.
const kKeepaliveMax = 20_000;

/** What the page is told: nothing of the request, which holds the token. @type {(answer: Answer) => PlayheadError} */
export const failure = ({ status, data, retryAfterMs }) =>
  Object.assign(new Error(data?.code ?? status), { status, code: data?.code, retryAfterMs });

/** @param {PlayheadOptions} options */
export function createTransport({ url, token, account, lastWord }) {
  const base = url.replace(/\/+$/, '');
  let newest = '';  // a page that closes has no time to ask for a token

  /** @type {(method: string, body?: object) => RequestInit & { headers: Record<string, string> }} */
  const request = (method, body) => {
    const text = JSON.stringify(body);
    return {
      method,
      headers: { Authorization: 'Bearer ' + newest, ...(body && { 'Content-Type': 'application/json' }) },
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

    /** Whose the newest token is; undefined where that cannot be told. @type {() => string | undefined} */
    account() {
      try {
        const claims = newest.split('.')[1].replace(/-/g, '+').replace(/_/g, '/');
        return account ?? JSON.parse(atob(claims)).sub;
      } catch { /* not a JWT */ }
    },

    /**
     * Never rejects. Asks for a new token once when one is refused.
     * @param {string} method
     * @param {() => [string, object?]} compose gives path and body, once it is known whose token it is
     * @returns {Promise<Answer>}
     */
    async call(method, compose, refresh = false) {
      /** @type {Answer} */
      const answer = { status: 0, retryAfterMs: 0, intervalMs: 0 };
      try {
        await transport.bearer(refresh);
        const [path, body] = compose();
        const response = await fetch(base + path, {
          ...request(method, body), signal: AbortSignal.timeout(kTimeoutMs) });
        const { status } = response;
        if (status === 401 && !refresh) return transport.call(method, compose, true);
        /** @type {(name: string) => number} */
        const steeringMs = (name) => {
          const seconds = Number(response.headers.get(name));
          return seconds > 0 ? Math.min(seconds, kSteeringMaxS) * 1000 : 0;
        };
        answer.status = status;
        answer.retryAfterMs = steeringMs('Retry-After');
        answer.intervalMs = steeringMs('Playhead-Interval');
        answer.data = await response.json();
      } catch { /* no answer, or no JSON in it */ }
      return answer;
    },

    /** Sends reports while the page closes: nobody hears the answer. @type {(path: string, body: object) => void} */
    depart(path, body) {
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
