// Sends reports: one request at a time, the newest of each playback, again until it is answered.
import { kBackoffMaxMs, kBackoffMs, kEntriesMax, kIntervalMs } from './limits.js';
import { readRecords, removeRecord, writeRecord } from './outbox.js';
import { safely } from './safely.js';
import { failure } from './transport.js';

/** @import { Answer, Entry, PlayheadOptions } from './types.js' */
/** @import { Transport } from './transport.js' */

/**
 * @param {Transport} transport
 * @param {PlayheadOptions} options
 */
export function createSender(transport, options) {
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
  const tell = safely((answer) => options.onError?.(failure(answer)));

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
    const reports = entries.map(({ at, report }) => ({ ...report, age_ms: now - at }));
    return reports.length > 1 || entries[0].done
      ? ['/v1/progress/batch', { reports }]
      : ['/v1/progress', reports[0]];
  };

  const send = async () => {
    const answer = await transport.call('POST', () => compose(flying = ours()));
    const { status, data } = answer;
    // Where nothing waits any more, it was all another account's, and nothing was sent.
    if (waiting.size && (status > 499 || [0, 401, 408, 429].includes(status))) {
      if (status === 401) tell(answer);
      // Full jitter, on top of what the service asks for.
      const ceilingMs = Math.min(kBackoffMaxMs, kBackoffMs * 2 ** failures++);
      retry = setTimeout(back, answer.retryAfterMs + Math.random() * ceilingMs);
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

  /** Settles once nothing waits, or an attempt failed. */
  const pump = async () => {
    if (!attempt && !retry && !gone && waiting.size) {
      attempt = send().then(() => {
        attempt = undefined;
        return pump();
      });
    }
    await attempt;
  };

  const back = () => {
    clearTimeout(retry);
    retry = undefined;
    gone = false;
    pump();
  };

  const readLeft = async () => {
    if (options.private) return;
    await transport.bearer();
    const account = transport.account();
    if (!account) return;
    await new Promise((/** @type {(tried: unknown) => void} */ tried) => {
      // Held until its entries are delivered, so that tabs do not replay the same ones.
      const take = (/** @type {object | null} */ claim) => {
        const left = ((claim && readRecords(account)) || []).map((entry) =>
          new Promise((/** @type {(_?: unknown) => void} */ done) => {
            const { session } = entry.report;
            if (waiting.has(session)) done();
            else waiting.set(session, { ...entry, done });
          }));
        tried(pump());
        return Promise.all(left);
      };
      const { locks } = navigator;
      // Only secure contexts have locks. Without, two tabs may send the same: that does no harm.
      if (locks) locks.request('playhead:' + account, { ifAvailable: true }, take).catch(tried);
      else take({});
    });
  };

  const sender = {
    intervalMs: kIntervalMs,
    /** Each reports when given an event, if it plays. @type {Set<(event: string) => void>} */
    watches: new Set(),
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
  };

  /** @type {(event: string) => void} */
  const ask = (event) => sender.watches.forEach((report) => report(event));

  /** @type {Record<string, () => void>} */
  const heard = {
    visibilitychange() {
      if (document.hidden) ask('tick');
    },
    pagehide() {  // perhaps for good
      gone = true;
      ask('stop');
      const rest = ours().filter((entry) => !flying.includes(entry));
      if (rest.length) transport.depart(...compose(rest));
    },
    // The page, or the network, is back: no use in waiting longer.
    pageshow: back,
    online: back,
  };
  for (const type in heard) globalThis.addEventListener?.(type, heard[type]);
  return sender;
}

/** @typedef {ReturnType<typeof createSender>} Sender */
