const WITHOUT_LETTERS = 'T';

/** "Ana de la Cruz" → "AC": of the first and the last word; lower-case words between them are passed over anyway. */
export const initialsOf = (name: string): string => {
  const letters = name.split(/\s+/).flatMap((word) => /\p{L}/u.exec(word)?.[0] ?? []);
  const [first, ...others] = letters;
  if (first === undefined) return WITHOUT_LETTERS;
  return upper(first) + upper(others.at(-1) ?? '');
};

/** One letter stays one: ß would become SS. */
const upper = (letter: string): string =>
  letter.toUpperCase().length > letter.length ? letter : letter.toUpperCase();
