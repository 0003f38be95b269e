import type { CoreSetHead, CoreSetProblem } from './checks.ts';
import type { CoreSetRow } from './rows.ts';

const columns = [
  ...[
    'measure',
    'title',
    'rate_id',
    'rate',
    'stratifier',
    'stratum',
    'numerator',
    'denominator',
    'rate_value',
    'rate_formula',
  ],
  ...['data_source', 'delivery_system', 'population', 'period_start', 'period_end', 'deviations', 'problems'],
];

/** The worksheet as CSV (RFC 4180, UTF-8): a line of names, then one for each row. Rates with four decimals, empty where nobody is counted. */
export function coreSetCsv(
  rows: readonly CoreSetRow[],
  head: CoreSetHead,
  problems: readonly CoreSetProblem[] = [],
): string {
  const lines = rows.map((row) => {
    const stratum = row.stratifier === undefined ? undefined : `${row.stratifier}: ${row.stratum}`;
    const own = problems.filter(
      (problem) => problem.measure === row.measure && problem.rate === row.rateId && problem.stratum === stratum,
    );
    return [
      ...[row.measure, row.title, row.rateId, row.rateLabel, row.stratifier ?? '', row.stratum ?? ''],
      ...[row.numerator, row.denominator, row.rate === undefined ? '' : row.rate.toFixed(4)],
      row.isInverted ? '1 - N/D' : 'N/D',
      ...[
        head.dataSource ?? '',
        head.deliverySystem ?? '',
        head.population ?? '',
        head.start,
        head.end,
        head.deviations ?? '',
      ],
      own.map(({ text }) => text).join(' '),
    ];
  });
  return [columns, ...lines].map((line) => `${line.map(field).join(',')}\r\n`).join('');
}

/** Quoted where it has to be. A text that a spreadsheet would take for a formula is told as text. */
function field(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}
