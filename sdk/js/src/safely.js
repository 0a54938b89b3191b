// Trouble that must not reach the page.

/**
 * The same function; where it would throw, it gives undefined.
 * @template {unknown[]} A
 * @template R
 * @param {(...given: A) => R} act
 * @returns {(...given: A) => R | undefined}
 */
export const safely = (act) => (...given) => {
  try {
    return act(...given);
  } catch {
    return undefined;
  }
};
