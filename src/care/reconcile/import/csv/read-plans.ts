import { fail, type Result } from '../../../../base/errors.ts';
import { type PlanRow, rules } from './columns.ts';
import type { Refusal } from './read-rows.ts';

/** The rows of one plan of one child. */
export interface PlanRows {
  /** As the table names the child: `Patient/…`, or system and value of an identifier. */
  child: string;
  birthDate: string;
  /** The number of the plan where it was kept. */
  number: string;
  head: PlanRow;
  rows: readonly PlanRow[];
}

/** The plans of a table, and why rows do not fit together. */
export function plansOf(rows: readonly PlanRow[]): { plans: PlanRows[]; refused: Refusal[] } {
  const byPlan = new Map<string, PlanRow[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.cells.child, row.cells.plan]);
    const known = byPlan.get(key);
    if (known) known.push(row);
    else byPlan.set(key, [row]);
  }
  const plans: PlanRows[] = [];
  const refused: Refusal[] = [];
  for (const group of byPlan.values()) {
    const problems = problemsOf(group);
    refused.push(...problems);
    const [head] = group.filter(({ kind }) => kind === 'plan');
    if (problems.length > 0 || !head) continue;
    const { child, birth_date: birthDate, plan: number } = head.cells;
    plans.push({ child, birthDate, number, head, rows: group });
  }
  return { plans, refused };
}

function problemsOf(rows: readonly PlanRow[]): Refusal[] {
  const found: Refusal[] = [];
  const [first] = rows;
  const heads = rows.filter(({ kind }) => kind === 'plan');
  if (heads.length === 0 && first) found.push({ line: first.line, text: 'its plan has no row of the kind plan.' });
  for (const { line } of heads.slice(1)) found.push({ line, text: 'its plan has two rows of the kind plan.' });
  for (const { line, cells } of rows) {
    if (cells.birth_date !== first?.cells.birth_date)
      found.push({ line, text: 'birth_date is another than in the first row of its plan.' });
  }
  const items = new Map<string, PlanRow>();
  for (const row of rows.filter(({ cells }) => cells.item !== '')) {
    if (items.has(row.cells.item)) found.push({ line: row.line, text: 'item is the name of another row of its plan.' });
    else items.set(row.cells.item, row);
  }
  for (const { line, kind, cells } of rows) {
    const served = servedBy(cells.serves).map((item) => items.get(item));
    if (served.some((row) => row === undefined || !rules[kind].serves.includes(row.kind)))
      found.push({ line, text: `serves has to name rows of its plan of the kind ${rules[kind].serves.join(' or ')}.` });
  }
  return found;
}

/** Names of items, with blanks between. */
export function servedBy(serves: string): string[] {
  return serves.split(/\s+/).filter((item) => item !== '');
}

/** A refusal of the whole table, with each of its rows as far as they are told. */
export function refusedTable(refused: readonly Refusal[], most: number): Result<never> {
  const sorted = [...refused].sort((a, b) => a.line - b.line);
  const told = sorted.slice(0, most).map(({ line, text }) => `Line ${line}: ${text}`);
  if (sorted.length > most) told.push(`${sorted.length - most} more rows are refused.`);
  const failed = fail('unprocessable', 'Nothing was imported: rows of the table are refused.', { code: 'invalid' });
  const issues = told.map((text) => ({ code: 'invalid', text }));
  return { ...failed, error: { ...failed.error, issues: [...failed.error.issues, ...issues] } };
}
