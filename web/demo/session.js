// Whom this page speaks for: a token of the demo's, asked for again shortly before it expires.

const kSpareMs = 30_000;

/** Gives the `token` function that the client wants. */
export function createSession(viewer) {
  let current;  // { promise, until }
  const signIn = async () => {
    const answer = await fetch(`/demo/sign-in/${viewer}`, { method: 'POST' });
    if (!answer.ok) throw new Error(`sign-in: ${answer.status}`);
    const { token, expires_in_ms } = await answer.json();
    current.until = Date.now() + expires_in_ms - kSpareMs;
    return token;
  };
  return ({ refresh } = {}) => {
    if (refresh || !current || Date.now() > current.until) {
      const mine = current = { until: Infinity };
      mine.promise = signIn();
      // What failed is tried again at the next call.
      mine.promise.catch(() => {
        if (current === mine) current = undefined;
      });
    }
    return current.promise;
  };
}
