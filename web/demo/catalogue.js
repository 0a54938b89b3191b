// Who can sign in, and what there is to watch.

export const viewers = [
  { id: 'mia', name: 'Mia' },
  { id: 'noah', name: 'Noah' },
];

// The length is what a card shows; the player has it from the video itself.
const episode = (number, name) => ({
  id: `ep-${number}`, name, about: `Episode ${number}`, length_s: 75,
  series: { id: 'signal-and-noise', season: 1, episode: number },
});

export const titles = [
  { id: 'film', name: 'The Long Gradient', about: 'Film', length_s: 120 },
  episode(1, 'Colour Bars'),
  episode(2, 'Test Card'),
  episode(3, 'Slow Spiral'),
];

export const titleOf = (id) => titles.find((title) => title.id === id);

export const clock = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
};
