import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { type Line, readHead, readLines } from '../../../src/cli/import/lines.ts';
import { aFolder } from './a-list.ts';

const lists = aFolder();

const read = async (content: string | Uint8Array): Promise<Line[]> => {
  const path = lists.write('list.csv', content);
  const { delimiter } = await readHead(path);
  return Array.fromAsync(readLines(path, delimiter));
};
const head = (content: string | Uint8Array) => readHead(lists.write('head.csv', content));
const bytes = (...parts: (string | number)[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))));

describe('the head of a list', () => {
  test.each([
    ['Name,Email\n', ','],
    ['Name;Email\n', ';'],
    ['Name\tEmail\n', '\t'],
    ['"Name, first";Email;Phone\n', ';'],
    ['"Name; first",Email\n', ','],
    ['Name\n', ','],
  ])('%j is separated by %j', async (content, delimiter) => {
    expect((await head(content)).delimiter).toBe(delimiter);
  });

  test('may have a byte order mark, quotes and empty lines before it', async () => {
    expect((await head('\ufeff"Name","E-mail"\r\n')).header).toEqual(['Name', 'E-mail']);
    expect((await head('\n , \nName,E-mail')).header).toEqual(['Name', 'E-mail']);
  });

  test('is refused in one sentence when there is none', async () => {
    await expect(head('')).rejects.toThrow('head.csv is empty.');
    await expect(head(' \n\n')).rejects.toThrow('head.csv is empty.');
    await expect(head('"Name,Email\n')).rejects.toThrow(
      'The first line of head.csv cannot be read as the names of columns.',
    );
  });
});

describe('the lines of a list', () => {
  test.each([
    ['CRLF', 'a,b\r\n1,2\r\n3,4\r\n'],
    ['LF', 'a,b\n1,2\n3,4\n'],
    ['CR', 'a,b\r1,2\r3,4\r'],
    ['no line end at the last', 'a,b\r\n1,2\r\n3,4'],
    ['a byte order mark', '\ufeffa,b\n1,2\n3,4\n'],
    ['quotes', '"a","b"\n"1","2"\n "3" , "4"\n'],
    ['semicolons', 'a;b\n1;2\n3;4\n'],
    ['tabs', 'a\tb\n1\t2\n3\t4\n'],
  ])('are the same with %s', async (_, content) => {
    expect(await read(content)).toEqual([
      { line: 2, cells: ['1', '2'] },
      { line: 3, cells: ['3', '4'] },
    ]);
  });

  test('have the numbers that an editor shows, across cells of several lines and empty lines', async () => {
    expect(await read('a,b\r\n"x\r\n\r\ny",1\r\n\r\n , \r\nz,"2\n3"\r\nlast,4\r\n')).toEqual([
      { line: 2, cells: ['x\r\n\r\ny', '1'] },
      { line: 7, cells: ['z', '2\n3'] },
      { line: 9, cells: ['last', '4'] },
    ]);
  });

  test('may hold delimiters and quotes in quotes, and a quote as a sign of its own', async () => {
    const [one, other] = await read('a,b\n"1, ""one""",5" wheels\n,é\n');
    expect(one?.cells).toEqual(['1, "one"', '5" wheels']);
    expect(other?.cells).toEqual(['', 'é']);
  });

  test.each([
    ['in Latin-1', bytes('a,b\n1,2\nJos', 0xe9, ',3\n4,5\n'), 3],
    ['cut in the middle of a letter', bytes('a,b\n1,2\n3,', 0xc3), 3],
    ['in UTF-16', Buffer.from('\ufeffa,b\n1,2\n', 'utf16le'), 1],
  ])('%s are refused with the number of the line', async (_, content, line) => {
    await expect(read(content)).rejects.toThrow(
      `Line ${line} of list.csv is not UTF-8. Save the list as "CSV UTF-8" and start again.`,
    );
  });

  test('that are not UTF-8 are found far behind the head too', async () => {
    const good = 'Zoë,1\n'.repeat(40_000);
    await expect(read(bytes('a,b\n', good, 'Jos', 0xe9, ',3\n', good))).rejects.toThrow(
      'Line 40002 of list.csv',
    );
  });

  test('that are UTF-8 pass wherever the file is cut into pieces', async () => {
    const lines = await read(`a,b\n${'ë€😀,1\n'.repeat(20_000)}`);
    expect(lines).toHaveLength(20_000);
    expect(lines.every(({ cells }) => cells[0] === 'ë€😀')).toBe(true);
  });

  test.each([
    ['a,b\n1,2\n"3,4\n5,6\n', 'Line 3 of list.csv opens a quote that is never closed.'],
    // One that closes at the end of a long file is held no longer than that.
    [
      `a,b\n1,2\n"3,4\n${'5,6\n'.repeat(100_000)}"\n`,
      'Line 3 of list.csv opens a quote that is never closed.',
    ],
    ['a,b\n"1"x,2\n', 'Line 2 of list.csv has a quote that closes in the middle of a cell'],
  ])('with a broken quote are refused with the line where it stands', async (content, sentence) => {
    await expect(read(content)).rejects.toThrow(sentence);
  });
});

describe('a long list', () => {
  /** What a process of its own needs at most, in MB, to go through so many lines. */
  const peakOf = async (count: number): Promise<number> => {
    const line = `${'ring twice and mind the dog, '.repeat(8)}\n`;
    const path = lists.write(`long-${count}.csv`, `a,b\n${line.repeat(count)}`);
    const program = `
      import { readLines } from ${JSON.stringify(join(import.meta.dir, '../../../src/cli/import/lines.ts'))};
      let seen = 0;
      for await (const _ of readLines(${JSON.stringify(path)}, ',')) seen += 1;
      console.log(seen, process.resourceUsage().maxRSS);`;
    const child = Bun.spawn([process.execPath, '-e', program], { stdout: 'pipe', stderr: 'inherit' });
    const [seen, kilobytes = 0] = (await new Response(child.stdout).text()).split(' ').map(Number);
    expect([await child.exited, seen]).toEqual([0, count]);
    return kilobytes / 1_000;
  };

  test('is never held: fifty times the lines need about the same memory', async () => {
    const [short, long] = [await peakOf(2_000), await peakOf(100_000)];
    // The file alone is 23 MB, its cells are several times that.
    expect(long - short).toBeLessThan(50);
  });
});
