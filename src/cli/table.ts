/** Lines in columns, numbers to the right; a text in the last column stands as it is. */
export const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] => {
  const lines = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const last = head.length - 1;
  return lines.map((line) =>
    line
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === last && Number.isNaN(Number(cell)) ? cell : cell.padStart(width);
      })
      .join('  '),
  );
};
