export type Cell = string | number | null;

/** One line as RFC 4180 has it, its end included. */
export const csvLine = (cells: readonly Cell[]): string => `${cells.map(shown).join(',')}\r\n`;

const shown = (cell: Cell): string => {
  const text = harmless(cell === null ? '' : String(cell));
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/**
 * A spreadsheet runs a cell that begins like a formula, whoever wrote it; with an apostrophe in front it stays text
 * (OWASP, CSV injection). A number is none, whatever its sign.
 */
const harmless = (text: string): string =>
  /^[=+\-@＝＋－＠\t\r\n]/.test(text) && !/^-?\d+(?:\.\d+)?$/.test(text) ? `'${text}` : text;
