/** A start that cannot go on: the message is the one sentence that the person who started us reads. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

export const refuse = (sentence: string, cause?: unknown): Refusal =>
  new Refusal(sentence, cause === undefined ? undefined : { cause });
