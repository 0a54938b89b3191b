// The local record: what was not answered yet, in localStorage, one entry for each playback.

/** @import { Entry } from './types.js' */

// Keys name a playback, so tabs never write each other's entries. A browser may refuse storage at
// any time: then there is no local record, and playback goes on.
const kPrefix = 'playhead:';
// At most so many entries of so many characters, so that all fit into one batch (64 KiB): a
// character has up to three bytes. With every id at its limit an entry has under 1,200.
export const kEntriesMax = 18;
const kTextMax = 1200;
// The service takes nothing as older than this.
const kAgeMaxMs = 30 * 24 * 3600 * 1000;

/** @type {(entry: Entry) => string} */
const keyOf = (entry) => kPrefix + entry.report.session;

/** All entries, the oldest first; removes what is none. */
const readAll = () => {
  /** @type {Entry[]} */
  const found = [];
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith(kPrefix)) continue;
    try {
      const entry = JSON.parse(localStorage[key]);
      if (keyOf(entry) === key && Date.now() - entry.at < kAgeMaxMs) {
        found.push(entry);
        continue;
      }
    } catch { /* not ours */ }
    delete localStorage[key];
  }
  return found.sort((a, b) => a.at - b.at);
};

/** @type {(entry: Entry) => void} */
export const writeRecord = (entry) => {
  try {
    const text = JSON.stringify(entry);
    if (!entry.account || text.length > kTextMax) return;
    localStorage[keyOf(entry)] = text;
    for (const old of readAll().slice(0, -kEntriesMax)) delete localStorage[keyOf(old)];
  } catch { /* refused */ }
};

/** Only if nothing newer has taken its place. @type {(entry: Entry) => void} */
export const removeRecord = (entry) => {
  try {
    if (localStorage[keyOf(entry)] === JSON.stringify(entry)) delete localStorage[keyOf(entry)];
  } catch { /* refused */ }
};

/** @type {(account: string) => Entry[]} */
export const readRecords = (account) => {
  try {
    return readAll().filter((entry) => entry.account === account);
  } catch {
    return [];
  }
};
