/** The known name that was probably meant by `word`; undefined when none is near. The first of equals wins. */
export const nearest = <Name extends string>(word: string, names: readonly Name[]): Name | undefined => {
  if (word.length > MAX_WORD_LENGTH) return undefined;
  const lowerCase = word.toLowerCase();
  const near = names
    .map((name) => ({ name, distance: editDistance(lowerCase, name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= allowedEdits(Math.max(word.length, name.length)))
    .sort((one, other) => one.distance - other.distance);
  return near[0]?.name;
};

// Bounds the work of comparing, for the word comes from a stranger.
const MAX_WORD_LENGTH = 64;

const allowedEdits = (length: number): number => (length < 2 ? 0 : Math.max(1, Math.floor(length / 3)));

/** Levenshtein, with two neighbours that changed places counted as one edit. */
export const editDistance = (from: string, to: string): number => {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = at(last, column - 1) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const isSwap = row > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const swapped = isSwap ? at(beforeLast, column - 2) + 1 : Infinity;
      current.push(Math.min(at(last, column) + 1, at(current, column - 1) + 1, replaced, swapped));
    }
    [beforeLast, last] = [last, current];
  }
  return at(last, to.length);
};

const at = (costs: readonly number[], column: number): number => costs[column] ?? Infinity;
