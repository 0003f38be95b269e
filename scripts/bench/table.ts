/** A result for people: lists of records as tables, everything else as one line each. */
export function printed(result: Record<string, unknown>): string {
  return Object.entries(result)
    .map(([name, value]) => (isRows(value) ? `\n${name}\n${table(value)}\n` : `${name}: ${JSON.stringify(value)}\n`))
    .join('');
}

type Row = Record<string, unknown>;

function isRows(value: unknown): value is Row[] {
  return Array.isArray(value) && value.length > 0 && value.every((row) => typeof row === 'object' && row !== null);
}

function table(rows: readonly Row[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = [names, ...rows.map((row) => names.map((name) => String(row[name] ?? '')))];
  const widths = names.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
