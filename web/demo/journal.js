// The live log: every report that the player sends, and what the service said to it.
import { clock } from './catalogue.js';

const kEntriesMax = 14;

const describe = (method, url, body) => {
  const path = new URL(url, location.href).pathname;
  if (path.startsWith('/demo/sign-in/')) return 'sign in';
  if (method === 'GET' || !path.startsWith('/v1/')) return undefined;
  if (path === '/v1/progress' && body) {
    const { event, position_ms, video_id, age_ms } = JSON.parse(body);
    const age = age_ms > 1500 ? `, ${Math.round(age_ms / 1000)} s ago` : '';
    return `${event} ${video_id} ${clock(position_ms / 1000)}${age}`;
  }
  if (path === '/v1/progress/batch' && body) {
    const { reports } = JSON.parse(body);
    return reports.map(({ video_id, position_ms }) => `${video_id} ${clock(position_ms / 1000)}`)
      .join(', ') + ' (kept from before)';
  }
  return `${method} ${path}`;
};

/**
 * Listens to the page's own `fetch`, so it shows what really went out. Has to be called before
 * anything is sent.
 */
export function watchRequests(onSent, onReached) {
  const send = window.fetch;
  window.fetch = async (url, init = {}) => {
    const what = describe(init.method ?? 'GET', url, init.body);
    const answered = what ? onSent(what) : () => {};
    try {
      const answer = await send(url, init);
      answered(String(answer.status), answer.ok);
      onReached(true);
      return answer;
    } catch (error) {
      answered('no answer', false);
      onReached(false);
      throw error;
    }
  };
}

/** Shows entries in `list`; gives what `watchRequests` wants to call. */
export function createJournal(list, hint, template) {
  return (what) => {
    const entry = template.content.firstElementChild.cloneNode(true);
    const [time, text, status] = entry.children;
    time.textContent = new Date().toTimeString().slice(0, 8);
    text.textContent = what;
    status.textContent = '…';
    list.prepend(entry);
    hint.hidden = true;
    while (list.children.length > kEntriesMax) list.lastElementChild.remove();
    return (said, good) => {
      status.textContent = said;
      status.className = good ? 'status good' : 'status bad';
    };
  };
}
