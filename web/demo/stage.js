// The player: one video element, and the client that remembers where it is.
import { clock } from './catalogue.js';

/** `parts` are the elements of the stage. Gives `open(title)` and `close()`. */
export function createStage(playhead, device, parts) {
  const { stage, screen, heading, note, jumpAhead, startOver } = parts;
  let watch;
  let opened = 0;

  const say = (text) => {
    note.textContent = text;
  };

  const seek = (seconds) => {
    screen.currentTime = seconds;
    jumpAhead.hidden = true;
    screen.play().catch(() => {});
    screen.focus();
  };

  const offer = ({ furthest_position_ms: furthest_ms }) => {
    const furthest_s = furthest_ms / 1000;
    jumpAhead.textContent = `You were at ${clock(furthest_s)} already: jump there`;
    jumpAhead.onclick = () => seek(furthest_s);
    jumpAhead.hidden = false;
  };

  const close = async () => {
    opened++;
    const left = watch?.stop();
    watch = undefined;
    screen.pause();
    screen.removeAttribute('src');
    screen.load();
    stage.hidden = true;
    await left;
  };

  const open = async (title) => {
    if (watch) await close();
    const mine = ++opened;
    heading.textContent = title.series ? `${title.about}: ${title.name}` : title.name;
    screen.setAttribute('aria-label', title.name);
    jumpAhead.hidden = true;
    say('');
    stage.hidden = false;
    screen.src = `/demo/${title.id}.mp4`;
    watch = playhead.track(screen, {
      video: title.id, series: title.series, resume: true, onFurther: offer,
    });
    // It has no sound, so a browser lets it play without being asked to.
    screen.play().catch(() => {});
    screen.focus({ preventScroll: true });
    stage.scrollIntoView({ block: 'nearest' });
    const point = await watch.ready;
    if (mine !== opened || !point) return;
    const other = point.device !== device && point.device;
    const where = other ? `, where the ${other} left off` : '';
    say(`Resumed at ${clock(point.resume_position_ms / 1000)}${where}.`);
  };

  startOver.addEventListener('click', () => seek(0));
  screen.addEventListener('ended', () => say('Finished.'));
  return { open, close };
}
