// Sends reports: one request at a time, the newest of each playback, again until it is answered.
import { kEntriesMax, readRecords, removeRecord, writeRecord } from './outbox.js';
import { failure } from './transport.js';

/** @import { Answer, Entry, PlayheadError } from './types.js' */
/** @import { Transport } from './transport.js' */

// Until the service says otherwise (http.playhead_interval_s).
const kIntervalMs = 10_000;
const kBackoffMs = 1000;
const kBackoffMaxMs = 60_000;

/**
 * @param {Transport} transport
 * @param {((error: PlayheadError) => void)} [onError]
 */
export function createSender(transport, onError) {
  /** What is not answered yet, by session. @type {Map<string, Entry>} */
  const waiting = new Map();
  /** What the request under way holds. @type {Entry[]} */
  let flying = [];
  /** @type {Promise<void> | undefined} */
  let attempt;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let retry;
  /** @type {Promise<void> | undefined} */
  let replayed;
  let failures = 0;
  let gone = false;

  /** @type {(entry: Entry) => void} */
  const leave = (entry) => {
    const { session } = entry.report;
    if (waiting.get(session) === entry) waiting.delete(session);
    entry.done?.();
  };

  /** @type {(answer: Answer) => void} */
  const tell = (answer) => {
    try {
      onError?.(failure(answer));
    } catch { /* the page's own trouble */ }
  };

  /** Those of the account whose token it is; another's stay in the local record. */
  const ours = () => {
    const account = transport.account();
    for (const entry of waiting.values()) {
      if (!entry.account) {
        entry.account = account;
        writeRecord(entry);
      } else if (entry.account !== account) leave(entry);
    }
    return [...waiting.values()].slice(0, kEntriesMax);
  };

  /** @type {(entries: Entry[]) => [string, object]} */
  const compose = (entries) => {
    const now = Date.now();
    const reports = entries.map(({ at, report }) => ({ ...report, age_ms: Math.max(0, now - at) }));
    return reports.length > 1 || entries[0].done
      ? ['/v1/progress/batch', { reports }]
      : ['/v1/progress', reports[0]];
  };

  const send = async () => {
    flying = [...waiting.values()];
    const answer = await transport.call('POST', () => compose(flying = ours()));
    const { status, data } = answer;
    if ([0, 401, 408, 429].includes(status) || status > 499) {
      if (status === 401) tell(answer);
      // Full jitter, on top of what the service asks for.
      const ceilingMs = Math.min(kBackoffMaxMs, kBackoffMs * 2 ** failures++);
      retry = setTimeout(resume, answer.retryAfterMs + Math.random() * ceilingMs);
    } else {
      failures = 0;
      if (answer.intervalMs) sender.intervalMs = answer.intervalMs;
      for (const result of data?.results ?? [{ status, ...data }]) {
        if (result.status > 299) tell({ ...answer, status: result.status, data: result });
      }
      for (const entry of flying) {
        removeRecord(entry);
        leave(entry);
      }
    }
    flying = [];
  };

  /** Settles once nothing waits, or an attempt failed. @type {() => Promise<void>} */
  const pump = () => {
    if (!attempt && !retry && !gone && waiting.size) {
      attempt = send().then(() => {
        attempt = undefined;
        return pump();
      });
    }
    return attempt ?? Promise.resolve();
  };

  const resume = () => {
    clearTimeout(retry);
    retry = undefined;
    return pump();
  };

  const readLeft = async () => {
    await transport.bearer();
    const account = transport.account();
    if (!account) return;
    await new Promise((/** @type {(tried: unknown) => void} */ tried) => {
      // Held until its entries are delivered, so that tabs do not replay the same ones.
      const take = (/** @type {unknown} */ claim) => {
        const left = (claim ? readRecords(account) : []).map((entry) =>
          new Promise((/** @type {(_?: unknown) => void} */ done) => {
            const { session } = entry.report;
            if (waiting.has(session)) done();
            else waiting.set(session, { ...entry, done });
          }));
        tried(pump());
        return Promise.all(left);
      };
      const { locks } = navigator;
      // Only secure contexts have locks. Without, two tabs may send an entry twice: that does no harm.
      if (locks) locks.request('playhead:' + account, { ifAvailable: true }, take).catch(tried);
      else take(true);
    });
  };

  const sender = {
    intervalMs: kIntervalMs,
    pump,

    /** @type {(entry: Entry) => void} */
    put(entry) {
      entry.account = transport.account();
      writeRecord(entry);
      waiting.set(entry.report.session, entry);
      const [oldest] = waiting.values();
      if (waiting.size > kEntriesMax) leave(oldest);
      pump();
    },

    /** Sends what an earlier visit could not deliver; settles after one attempt. */
    replay: () => (replayed ??= readLeft().catch(() => {
      replayed = undefined;  // no token yet
    })),

    /** The page goes, perhaps for good. */
    leaves() {
      gone = true;
      const rest = ours().filter((entry) => !flying.includes(entry));
      flying.push(...rest);
      if (rest.length) transport.depart(...compose(rest));
    },
  };

  // The page, or the network, is back: no use in waiting longer.
  for (const type of ['pageshow', 'online']) {
    globalThis.window?.addEventListener(type, () => {
      gone = false;
      resume();
    });
  }
  return sender;
}

/** @typedef {ReturnType<typeof createSender>} Sender */
