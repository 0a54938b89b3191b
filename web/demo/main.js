// The page: who is signed in and what is played stand in its address; the rest is asked for.
import { createPlayhead } from './sdk/index.js';
import { createCards } from './cards.js';
import { titleOf, titles, viewers } from './catalogue.js';
import { createJournal, watchRequests } from './journal.js';
import { createSession } from './session.js';
import { createStage } from './stage.js';

const kRefreshMs = 2000;

const $ = (id) => document.getElementById(id);
const address = new URLSearchParams(location.search);
const viewer = viewers.find(({ id }) => id === address.get('as'));
const device = address.get('device') === 'phone' ? 'phone' : 'TV';

const addressOf = (given) => {
  const wanted = new URLSearchParams({ as: viewer.id });
  if (given.device ?? address.get('device')) wanted.set('device', given.device ?? 'phone');
  if (given.watch) wanted.set('watch', given.watch);
  return `/demo?${wanted}`;
};

const face = (element, name) => {
  element.textContent = name[0];
  element.classList.add(`face-${name.toLowerCase()}`);
};

function showSignIn() {
  for (const { id, name } of viewers) {
    const item = $('viewer').content.firstElementChild.cloneNode(true);
    item.querySelector('a').href = `/demo?as=${id}`;
    item.querySelector('.name').textContent = name;
    face(item.querySelector('.face'), name);
    $('viewers').append(item);
  }
  $('sign-in').hidden = false;
}

function showHome() {
  document.body.classList.add(device === 'phone' ? 'on-phone' : 'on-tv');
  document.title = `${viewer.name} · playhead demo`;
  $('home-title').textContent = `What ${viewer.name} watches`;
  $('device').textContent = device;
  $('who-name').textContent = viewer.name;
  face($('who-face'), viewer.name);
  for (const id of ['home', 'side', 'who']) $(id).hidden = false;

  // One request that fails may be chance; the player keeps what it could not send.
  let missed = 0;
  watchRequests(createJournal($('journal'), $('journal-empty'), $('entry')), (reached) => {
    missed = reached ? 0 : missed + 1;
    $('connection').textContent = missed > 1 ? 'Offline: your place is kept here' : '';
  });

  const token = createSession(viewer.id);
  const playhead = createPlayhead({ url: location.origin, token, device });
  const stage = createStage(playhead, device, {
    stage: $('stage'), screen: $('screen'), heading: $('stage-title'), note: $('stage-note'),
    jumpAhead: $('jump-ahead'), startOver: $('start-over'),
  });

  const positions = async () => {
    const wanted = new URLSearchParams(titles.map(({ id }) => ['video_id', id]));
    const answer = await fetch(`/v1/progress?${wanted}`, {
      headers: { Authorization: `Bearer ${await token()}` },
    });
    return answer.ok ? (await answer.json()).items : [];
  };

  const play = (id) => {
    history.pushState(null, '', addressOf({ watch: id }));
    follow();
  };

  const href = (id) => addressOf({ watch: id });
  const showRow = createCards($('row'), $('card'), { onPlay: play, onRemove: remove, href });
  const showFilms = createCards($('films'), $('card'), { onPlay: play, href });
  const showEpisodes = createCards($('episodes'), $('card'), { onPlay: play, href });

  async function refresh() {
    const [row, points] = await Promise.all([playhead.keepWatching(), positions()]);
    const pointOf = new Map(points.map((point) => [point.video_id, point]));
    const items = titles.map((title) => ({ title, point: pointOf.get(title.id) }));
    // The account may have watched what is not in this catalogue.
    showRow(row.items.map((point) => ({ title: titleOf(point.video_id), point }))
      .filter(({ title }) => title));
    $('row-empty').hidden = $('row').children.length > 0 || !$('undo').hidden;
    showFilms(items.filter(({ title }) => !title.series));
    showEpisodes(items.filter(({ title }) => title.series));
  }

  async function remove(id) {
    await playhead.remove(id);
    $('undo-text').textContent = `${titleOf(id).name} is removed from Keep watching.`;
    $('undo').hidden = false;
    $('undo-button').onclick = async () => {
      await playhead.undo(id);
      await refresh();
      $('undo').hidden = true;
      $('row').querySelector(`[data-video="${id}"] .play`)?.focus();
    };
    $('undo-button').focus();
    await refresh();
  }

  // The address says what is played, so that a reload, "back" and a bookmark lead there.
  function follow() {
    const title = titleOf(new URLSearchParams(location.search).get('watch'));
    $('undo').hidden = true;
    return title ? stage.open(title) : stage.close();
  }

  async function keepFresh() {
    try {
      if (!document.hidden) await refresh();
    } catch { /* not reachable at the moment: what is shown stays */ }
    setTimeout(keepFresh, kRefreshMs);
  }

  $('close').addEventListener('click', async () => {
    history.pushState(null, '', addressOf({}));
    await follow();
    $('main').focus();
    await refresh().catch(() => {});
  });
  window.addEventListener('popstate', follow);

  if (device === 'TV') {
    const button = $('other-device');
    button.hidden = false;
    button.addEventListener('click', () => {
      const open = $('phone').querySelector('iframe');
      if (open) {
        open.remove();
      } else {
        const frame = document.createElement('iframe');
        frame.title = `${viewer.name} on a phone`;
        frame.src = addressOf({ device: 'phone' });
        $('phone').append(frame);
      }
      $('phone').hidden = !!open;
      document.body.classList.toggle('two-devices', !open);
      button.setAttribute('aria-expanded', String(!open));
    });
  }
  follow();
  keepFresh();
}

if (viewer) showHome();
else showSignIn();
