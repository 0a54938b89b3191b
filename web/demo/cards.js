// Cards: a poster, how far it is watched, and a way to play it.
import { clock } from './catalogue.js';

/** Gives a function that shows items as cards in `list`; a card that stays keeps its focus. */
export function createCards(list, template, { onPlay, onRemove, href }) {
  const make = (item) => {
    const card = template.content.firstElementChild.cloneNode(true);
    const link = card.querySelector('.play');
    card.dataset.video = item.title.id;
    card.querySelector('img').src = `/demo/${item.title.id}.jpg`;
    card.querySelector('.name').textContent = item.title.name;
    link.href = href(item.title.id);
    link.addEventListener('click', (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      onPlay(item.title.id);
    });
    if (onRemove) {
      const remove = card.querySelector('.remove');
      remove.hidden = false;
      remove.setAttribute('aria-label', `Remove ${item.title.name} from Keep watching`);
      remove.addEventListener('click', () => onRemove(item.title.id));
    }
    return card;
  };

  const update = (card, { title, point }) => {
    const length_s = (point?.duration_ms ?? title.length_s * 1000) / 1000;
    const at_s = (point?.resume_position_ms ?? 0) / 1000;
    const finished = point?.state === 'finished';
    const begun = !finished && at_s > 0;
    const badge = card.querySelector('.badge');
    badge.hidden = !finished;
    badge.textContent = finished ? 'Finished' : '';
    const bar = card.querySelector('progress');
    bar.hidden = !begun && !finished;
    bar.value = finished ? 1 : at_s / length_s;
    bar.setAttribute('aria-label', finished ? 'watched to the end' : `watched to ${clock(at_s)}`);
    const time = begun ? `${clock(at_s)} of ${clock(length_s)}` : clock(length_s);
    const device = begun && point.device && `on ${point.device}`;
    card.querySelector('.about').textContent =
      [title.about, time, device].filter(Boolean).join(' · ');
    const verb = begun ? 'Resume' : 'Play';
    card.querySelector('.play').setAttribute('aria-label',
      `${verb} ${title.name}, ${title.about}, ${time}${finished ? ', finished' : ''}`);
  };

  return (items) => {
    const old = new Map([...list.children].map((card) => [card.dataset.video, card]));
    items.forEach((item, place) => {
      const card = old.get(item.title.id) ?? make(item);
      old.delete(item.title.id);
      update(card, item);
      if (list.children[place] !== card) list.insertBefore(card, list.children[place] ?? null);
    });
    for (const card of old.values()) card.remove();
  };
}
