// The local record: what was not answered yet, in localStorage, one entry for each playback.
import { kAgeMaxMs, kEntriesMax, kTextMax } from './limits.js';
import { safely } from './safely.js';

/** @import { Entry } from './types.js' */

// Keys name a playback, so tabs never write each other's entries. A browser may refuse storage at
// any time: then there is no local record, and playback goes on.
const kPrefix = 'playhead:';

/** @type {(entry: Entry) => string} */
const keyOf = (entry) => kPrefix + entry.report.session;

/** The entry under a key, if it is one. @type {(key: string) => Entry | undefined} */
const readOne = safely((key) => {
  const entry = JSON.parse(localStorage[key]);
  return keyOf(entry) === key && Date.now() - entry.at < kAgeMaxMs && entry;
});

/** All entries, the oldest first; removes what is none. */
const readAll = () => {
  /** @type {Entry[]} */
  const found = [];
  for (const key in localStorage) {
    if (!key.startsWith(kPrefix)) continue;
    const entry = readOne(key);
    if (entry) found.push(entry);
    else delete localStorage[key];
  }
  return found.sort((a, b) => a.at - b.at);
};

/** @type {(entry: Entry) => void} */
export const writeRecord = safely((entry) => {
  const text = JSON.stringify(entry);
  if (!entry.account || text.length > kTextMax) return;
  localStorage[keyOf(entry)] = text;
  for (const old of readAll().slice(0, -kEntriesMax)) delete localStorage[keyOf(old)];
});

/** Only if nothing newer has taken its place. @type {(entry: Entry) => void} */
export const removeRecord = safely((entry) => {
  if (localStorage[keyOf(entry)] === JSON.stringify(entry)) delete localStorage[keyOf(entry)];
});

/** @type {(account: string) => Entry[] | undefined} */
export const readRecords = safely((account) =>
  readAll().filter((entry) => entry.account === account));
