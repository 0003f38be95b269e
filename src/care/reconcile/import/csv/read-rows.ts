import { fail, ok, type Result } from '../../../../base/errors.ts';
import { limits } from '../../../../base/limits.ts';
import { recordsOf } from '../../../../terminology/load/csv.ts';
import { BrokenFile } from '../../../../terminology/load/text-file.ts';
import { isDay } from '../ccda/values.ts';
import { type Column, columns, type Kind, kinds, type PlanRow, rules } from './columns.ts';

/** Why one row is refused; the whole table is when any row is. Never a value of it. */
export interface Refusal {
  line: number;
  text: string;
}

export interface ReadRows {
  rows: PlanRow[];
  refused: Refusal[];
}

/** The rows of a table of plans, each looked at by itself. Error `invalid`: it is no table with exactly these columns. */
export async function readRows(text: string): Promise<Result<ReadRows>> {
  const records = recordsOf(pieces(text.replace(/^\uFEFF/, '')));
  const rows: PlanRow[] = [];
  const refused: Refusal[] = [];
  let heading: readonly string[] | undefined;
  try {
    for await (const { fields, number } of records) {
      if (!heading) {
        const wrong = headingProblem(fields);
        if (wrong !== undefined) return fail('invalid', wrong, { code: 'structure' });
        heading = fields;
        continue;
      }
      if (rows.length + refused.length >= limits.care.tableRows)
        return fail('too-large', `A table has at most ${limits.care.tableRows} rows.`);
      const row = rowOf(fields, heading, number);
      if ('text' in row) refused.push(row);
      else rows.push(row);
    }
  } catch (error) {
    if (error instanceof BrokenFile) return fail('invalid', error.message, { code: 'structure' });
    throw error;
  }
  if (!heading || rows.length + refused.length === 0)
    return fail('invalid', 'The table has no rows.', { code: 'structure' });
  return ok({ rows, refused });
}

async function* pieces(text: string): AsyncGenerator<string> {
  yield text;
}

function headingProblem(fields: readonly string[]): string | undefined {
  const missing = columns.filter((name) => !fields.includes(name));
  if (missing.length > 0) return `The first line names the columns; of these there is no ${missing.join(', ')}.`;
  if (fields.length > columns.length)
    return `The table has columns that are not known or come twice. The columns are ${columns.join(', ')}.`;
  return undefined;
}

function rowOf(fields: readonly string[], heading: readonly string[], line: number): PlanRow | Refusal {
  const refuse = (text: string): Refusal => ({ line, text });
  if (fields.length !== heading.length) return refuse('it has another number of cells than the first line.');
  const cells = Object.fromEntries(columns.map((name) => [name, (fields[heading.indexOf(name)] ?? '').trim()]));
  if (!isCells(cells)) return refuse('it has another number of cells than the first line.');
  const long = columns.find((name) => cells[name].length > limits.care.cellLength);
  if (long !== undefined) return refuse(`${long} is too long.`);
  const kind = kinds.find((one) => one === cells.kind);
  if (kind === undefined) return refuse(`kind has to be one of ${kinds.join(', ')}.`);
  const problem = cellProblem(cells, kind);
  return problem === undefined ? { line, kind, cells } : refuse(problem);
}

function isCells(cells: Record<string, string>): cells is Record<Column, string> {
  return columns.every((name) => cells[name] !== undefined);
}

function cellProblem(cells: Readonly<Record<Column, string>>, kind: Kind): string | undefined {
  const { states, serves, unused } = rules[kind];
  const empty = (['child', 'birth_date', 'plan', 'text'] as const).find((name) => cells[name] === '');
  if (empty !== undefined) return `${empty} is missing.`;
  if (cells.birth_date.length !== 10) return 'birth_date has to be a day, as 2019-04-30.';
  const noDay = (['birth_date', 'start', 'end'] as const).find((name) => cells[name] !== '' && !isDay(cells[name]));
  if (noDay !== undefined) return `${noDay} has to be a day that there is, as 2019-04-30.`;
  if (cells.start !== '' && cells.end !== '' && cells.end < cells.start.slice(0, cells.end.length))
    return 'end is before start.';
  if ((cells.code === '') !== (cells.code_system === '')) return 'code and code_system come together.';
  if (cells.code_system !== '' && !/^(https?:\/\/|urn:(oid|uuid):)\S+$/.test(cells.code_system))
    return 'code_system has to be the address of a code system, as http://snomed.info/sct.';
  if (/\s/.test(cells.code)) return 'code has a blank in it.';
  if (cells.status !== '' && states.length > 0 && !states.includes(cells.status))
    return `status has to be one of ${states.join(', ')}.`;
  const misplaced = unused.find((name) => cells[name] !== '');
  if (misplaced !== undefined) return `${misplaced} means nothing in a row of the kind ${kind}.`;
  if (cells.serves !== '' && serves.length === 0) return `serves means nothing in a row of the kind ${kind}.`;
  if (kind === 'team' && cells.owner === '') return 'owner has to name the member of the team, text the role.';
  return undefined;
}
