import { describe, expect, test } from 'bun:test';
import { facesFor } from '../../../src/features/documents/faces.ts';
import { runsFor } from '../../../src/features/documents/lettering.ts';

const runsOf = async (text: string) => runsFor(text, 'regular', await facesFor([text]));
const textsOf = async (text: string): Promise<string[]> => (await runsOf(text)).map((run) => run.text);

describe('a text in runs of one face', () => {
  test('the last face is only read when a text needs it', async () => {
    expect((await facesFor(['Ana Ruiz, Λάδια, Масло, كهرباء, שמן'])).last).toBeUndefined();
    expect((await facesFor(['Ana', '山'])).last?.familyName).toContain('Unifont');
  });

  test('what the main face lacks stands in the last one, and what both lack is named', async () => {
    expect(await runsOf('Ana 山田 \u{10fffd}!')).toEqual([
      { text: 'Ana ', face: 'regular' },
      { text: '山田', face: 'last' },
      { text: ' [U+10FFFD]!', face: 'regular' },
    ]);
  });

  test('marks that nobody sees are no reason for another face, or for a name', async () => {
    expect(await runsOf('A\u200bna\u202e\u2066')).toEqual([
      { text: 'A\u200bna\u202e\u2066', face: 'regular' },
    ]);
  });

  test('letters from right to left are turned with what is between them, numbers in them are not', async () => {
    expect(await textsOf('שמן')).toEqual(['שמן']);
    expect(await textsOf('שמן (12) מסנן')).toEqual(['( מסנן', '12', 'שמן )']);
    expect(await textsOf('Ana שמן רכב, Haifa 12')).toEqual(['Ana ', 'שמן רכב', ', Haifa 12']);
  });

  test('a white space of any kind is a space, and a letter with its accent is one sign', async () => {
    expect(await textsOf('A\tb\u00a0c e\u0301')).toEqual(['A b c é']);
  });
});
