// Every number of the SDK, and where it comes from.

/** The beat until the service sets one (its http.playhead_interval_s). */
export const kIntervalMs = 10_000;
/** A beat is a tenth shorter to a tenth longer, so that players do not fall into step. */
export const kBeatMin = 0.9;
export const kBeatSpread = 0.2;
/** Less movement is no news: nobody minds where within a second playback goes on. */
export const kMovedMs = 1000;
/** A scrub fires `seeked` again and again; this long after the last one it is over. */
export const kSeekedMs = 500;

/** The service answers 503 after 10 s at the latest (its commit.wait_max_ms). */
export const kTimeoutMs = 15_000;
/** Full jitter below 4 s, then 8 s, and so on: a beat brings something newer anyway. */
export const kBackoffMs = 4000;
export const kBackoffMaxMs = 60_000;
/** The bound of http.playhead_interval_s; also taken for Retry-After. */
export const kSteeringMaxS = 3600;
/** Browsers let 64 KiB go on after a page, and a character has up to three bytes. */
export const kKeepaliveMax = 20_000;

/**
 * The local record has so many entries of so many characters that all fit into one batch (64 KiB).
 * With every id at its limit an entry has under 1,200.
 */
export const kEntriesMax = 18;
export const kTextMax = 1200;
/** The service takes nothing as older: 30 days. */
export const kAgeMaxMs = 2_592_000_000;

/** How long a start waits for the resume point: a later jump would disturb. */
export const kResumeWaitMs = 2000;
/** A furthest position this much ahead is worth an offer; less is somebody's step back. */
export const kFurtherByMs = 5000;
