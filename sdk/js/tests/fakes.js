// What Node has not: a clock to turn by hand, a media element, a window, storage, locks.
import { createPlayhead } from '../src/index.js';

/** Stands in for timers and the date until `restore`; time passes only in `pass`. */
export class Clock {
  constructor() {
    // A clock within another's time goes on from there.
    this.now = Math.max(Date.now(), 1_800_000_000_000);
    this.timers = new Map();
    this.lastId = 0;
    this.real = {
      setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout, now: Date.now };
    globalThis.setTimeout = (act, delay = 0, ...args) => {
      const id = ++this.lastId;
      this.timers.set(id, { at: this.now + Math.max(0, delay), id, act: () => act(...args) });
      return id;
    };
    globalThis.clearTimeout = (id) => this.timers.delete(id);
    Date.now = () => Math.floor(this.now);
  }

  restore() {
    Object.assign(globalThis, {
      setTimeout: this.real.setTimeout, clearTimeout: this.real.clearTimeout });
    Date.now = this.real.now;
  }

  /** Lets everything run that waits for no time. */
  async settle() {
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Runs what is due within `ms`, in order; `step` hears of every move of the clock. */
  async pass(ms, step = (_moved) => {}) {
    const end = this.now + ms;
    await this.settle();
    for (;;) {
      let next;
      for (const timer of this.timers.values()) {
        if (timer.at <= end && (!next || timer.at < next.at)) next = timer;
      }
      const to = next ? Math.max(next.at, this.now) : end;
      step(to - this.now);
      this.now = to;
      if (!next) return this.settle();
      this.timers.delete(next.id);
      next.act();
      await this.settle();
    }
  }
}

/** Chance that comes out the same in each run (mulberry32). */
const chanceFrom = (seed) => function seeded() {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};

/** The part of HTMLMediaElement that the SDK looks at; playing is done by the test. */
export class Element extends EventTarget {
  constructor({ duration = 2640, currentSrc = 'https://cdn.example/ep-42.mp4' } = {}) {
    super();
    Object.assign(this, {
      duration, currentSrc, currentTime: 0, paused: true, ended: false, readyState: 4,
      playbackRate: 1 });
  }

  fire(type) {
    this.dispatchEvent(new Event(type));
  }

  play() {
    this.paused = this.ended = false;
    this.fire('play');
  }

  pause() {
    this.paused = true;
    this.fire('pause');
  }

  seek(seconds) {
    this.currentTime = seconds;
    this.fire('seeked');
  }

  end() {
    this.currentTime = this.duration;
    this.paused = this.ended = true;
    this.fire('pause');
    this.fire('ended');
  }

  /** `src` is set: the position is gone at once, the event comes later. */
  empty() {
    Object.assign(this, {
      readyState: 0, currentTime: 0, duration: NaN, paused: true, ended: false });
  }

  load(currentSrc, duration = 100) {
    Object.assign(this, { currentSrc, duration, readyState: 1 });
    this.fire('loadedmetadata');
  }
}

/** A clock under which an element plays. */
export const playing = (clock, ...elements) => (ms) => clock.pass(ms, (moved) => {
  for (const element of elements) {
    if (!element.paused) element.currentTime += (moved / 1000) * element.playbackRate;
  }
});

/** localStorage: names are its own properties, values are texts. */
export const createStorage = () => new Proxy({}, {
  get: (texts, name) => texts[name],
  set: (texts, name, value) => {
    texts[name] = String(value);
    return true;
  },
});

/** Web Locks as far as `ifAvailable` goes; shared by the tabs of one browser. */
export class Locks {
  held = new Set();

  async request(name, _options, work) {
    if (this.held.has(name)) return work(null);
    this.held.add(name);
    try {
      return await work({ name });
    } finally {
      this.held.delete(name);
    }
  }
}

/** A page's globals; returns what puts the old ones back. */
export function openPage({ localStorage = createStorage(), locks = new Locks(), fetchLater } = {}) {
  const page = Object.assign(new EventTarget(), {
    fire(type) {
      this.dispatchEvent(new Event(type));
    },
  });
  const globals = {
    addEventListener: page.addEventListener.bind(page), document: { hidden: false }, localStorage,
    navigator: { locks }, fetchLater };
  const before = Object.entries(globals).map(([name]) =>
    [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  return Object.assign(page, {
    localStorage,
    hide() {
      document.hidden = true;
      page.fire('visibilitychange');
    },
    close() {
      for (const [name, descriptor] of before) {
        if (descriptor) Object.defineProperty(globalThis, name, descriptor);
        else delete globalThis[name];
      }
    },
  });
}

/** A token that says whose it is; nobody checks its signature here. */
export const tokenOf = (sub) =>
  `e30.${Buffer.from(JSON.stringify({ sub })).toString('base64url')}.c2ln`;

/** Takes the place of fetch: keeps every request, answers by `answer(request)`. */
export function answerWith(answer) {
  const real = globalThis.fetch;
  const requests = [];
  globalThis.fetch = async (url, { method, headers, body, keepalive }) => {
    const request = {
      url, path: new URL(url).pathname, method, headers, keepalive, at: Date.now(),
      body: body && JSON.parse(body), text: body };
    requests.push(request);
    const given = await answer(request);
    if (given instanceof Response) return given;
    const { status = 204, headers: more, json } = given ?? {};
    return new Response(json ? JSON.stringify(json) : null, { status, headers: more });
  };
  requests.restore = () => {
    globalThis.fetch = real;
  };
  return requests;
}

/**
 * A page with a clock, storage and a service that answers by `answer`, until test `t` ends.
 * `play(ms)` lets time pass and the elements of `watch` play.
 */
export function openScene(t, { answer = () => ({}), ...world } = {}) {
  const clock = new Clock();
  const page = openPage(world);
  const chance = Math.random;
  if (chance.name !== 'seeded') Math.random = chanceFrom(8);
  let over = false;
  const requests = answerWith((request) => (over ? {} : answer(request)));
  const watches = [];
  const elements = [];
  const scene = {
    clock, page, requests, elements,
    client: (options = {}) => createPlayhead({
      url: 'https://p.example', token: () => tokenOf('alice'), ...options }),
    /** An element, tracked. */
    watch(playhead, options = { video: 'v' }, element = new Element()) {
      watches.push(playhead.track(element, options));
      elements.push(element);
      return element;
    },
    get watches() {
      return watches;
    },
    play: (ms) => playing(clock, ...elements)(ms),
    /** The reports that were sent, each as [event, seconds]. */
    told: () => requests.filter(({ method }) => method === 'POST')
      .flatMap(({ body }) => body.reports ?? [body])
      .map(({ event, position_ms }) => [event, position_ms / 1000]),
  };
  t.after(async () => {
    over = true;
    for (const watch of watches) watch.stop();
    await clock.pass(120_000);
    requests.restore();
    page.close();
    clock.restore();
    Math.random = chance;
  });
  return scene;
}
