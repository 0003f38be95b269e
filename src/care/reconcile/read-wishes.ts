import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { OperationParameters } from '../../module.ts';
import { refuse } from '../business-rule.ts';
import type { Chart, Item } from './chart.ts';
import { type Choice, choices } from './finding.ts';
import type { Row } from './rows.ts';

/** What somebody wants done about a row, as it was sent. */
export interface Wish {
  rowId: string;
  state: string;
  choice: Choice;
  keep?: string;
  drop: readonly string[];
  owner?: string;
  goal?: string;
  reason?: string;
}

/** The same, held against the row: what it names is there. */
export interface Decision {
  row: Row;
  choice: Choice;
  /** The one whose words hold. */
  keep?: Item;
  drop: readonly Item[];
  owner?: string;
  goal?: string;
  reason?: string;
}

const rule = 'reconciliation-choice';
const reference = /^[A-Z][A-Za-z]{1,63}\/[A-Za-z0-9.-]{1,64}$/;
const owners =
  /^(Practitioner|PractitionerRole|Organization|CareTeam|HealthcareService|Patient|Device|RelatedPerson)\//;

export function readWishes(parameters: OperationParameters): Result<Wish[]> {
  const given = parameters.parts?.('decision') ?? [];
  if (given.length === 0) return fail('invalid', 'At least one decision is needed.', { code: 'required' });
  if (given.length > limits.care.decisionsAtOnce) {
    return fail('too-large', `At most ${limits.care.decisionsAtOnce} decisions are taken at once.`);
  }
  const wishes: Wish[] = [];
  for (const parts of given) {
    const wish = readWish(parts);
    if (!wish.ok) return wish;
    if (wishes.some(({ rowId }) => rowId === wish.value.rowId)) {
      return fail('invalid', 'Two decisions are about one row.', { code: 'duplicate' });
    }
    wishes.push(wish.value);
  }
  return ok(wishes);
}

function readWish(parts: OperationParameters): Result<Wish> {
  const [rowId, state, named] = [parts.text('row'), parts.text('state'), parts.text('choice')];
  const missing = rowId === undefined ? 'row' : state === undefined ? 'state' : undefined;
  if (rowId === undefined || state === undefined) {
    return fail('invalid', `decision.${missing} is needed, as CarePlan/$reconcile told it.`, { code: 'required' });
  }
  const choice = choices.find((one) => one === named);
  if (choice === undefined) {
    return fail('invalid', `decision.choice has to be one of ${choices.join(', ')}.`, { code: 'value' });
  }
  const drop = parts.texts('drop');
  const wish: Wish = { rowId, state, choice, drop };
  for (const name of ['keep', 'owner', 'goal'] as const) {
    const value = parts.text(name);
    if (value !== undefined) wish[name] = value;
  }
  const wrong = (['keep', 'owner', 'goal'] as const).find(
    (name) => wish[name] !== undefined && !reference.test(wish[name] ?? ''),
  );
  if (wrong ?? drop.some((one) => !reference.test(one))) {
    return fail('invalid', `decision.${wrong ?? 'drop'} is a reference, as Type/id.`, { code: 'value' });
  }
  const reason = parts.text('reason')?.trim();
  return ok(reason === undefined || reason === '' ? wish : { ...wish, reason });
}

/** What may be done about this row, and names what belongs to it. Errors are 422s that say what is needed. */
export function decisionOf(wish: Wish, row: Row, chart: Chart): Result<Decision> {
  const { choice, reason } = wish;
  if (!row.choices.includes(choice)) {
    return refuse(rule, `About a row of the kind ${row.kind} one may decide: ${row.choices.join(', ')}.`, 'choice');
  }
  const needsReason = row.kind === 'conflict' || choice === 'apart' || choice === 'drop' || choice === 'keep-one';
  if (needsReason && reason === undefined) {
    return refuse(rule, `${row.kind === 'conflict' ? 'A conflict' : `The choice ${choice}`} needs a reason.`, 'reason');
  }
  const keep = keptOf(wish, row);
  if (!keep.ok) return keep;
  const drop = droppedOf(wish, row);
  if (!drop.ok) return drop;
  if (choice === 'assign-owner' && !owners.test(wish.owner ?? '')) {
    return refuse(rule, 'Assigning an owner needs owner: a person, a team or an organization.', 'owner');
  }
  if (choice === 'link-goal' && !chart.items.some((item) => item.about === 'goal' && item.reference === wish.goal)) {
    return refuse(rule, 'Linking to a goal needs goal: an open goal of this child.', 'goal');
  }
  const { owner, goal } = wish;
  return ok({
    ...{ row, choice, drop: drop.value },
    ...(keep.value && { keep: keep.value }),
    ...(owner !== undefined && { owner }),
    ...(goal !== undefined && { goal }),
    ...(reason !== undefined && { reason }),
  });
}

function keptOf({ choice, keep }: Wish, row: Row): Result<Item | undefined> {
  if (choice !== 'same' && choice !== 'keep-one') return ok(undefined);
  if (keep !== undefined) {
    const found = row.members.find(({ reference: member }) => member === keep);
    return found ? ok(found) : refuse(rule, 'keep names one of the records of the row.', 'keep');
  }
  if (choice === 'keep-one' || row.kind === 'conflict') {
    return refuse(rule, 'This choice needs keep: the record whose words hold.', 'keep');
  }
  // Equal in what counts: what is written here goes on, else the one told last.
  const byAge = [...row.members].sort((a, b) => ((a.date ?? '') < (b.date ?? '') ? 1 : -1));
  return ok(row.members.find(({ site }) => site === undefined) ?? byAge[0]);
}

function droppedOf({ choice, drop }: Wish, row: Row): Result<Item[]> {
  if (choice !== 'drop') return ok([]);
  if (drop.length === 0 && row.members.length > 1) {
    return refuse(rule, 'Dropping needs drop: which of the records leave the shared plan.', 'drop');
  }
  const found = drop.map((one) => row.members.find(({ reference: member }) => member === one));
  if (found.some((one) => one === undefined)) return refuse(rule, 'drop names records of the row.', 'drop');
  return ok(drop.length === 0 ? [...row.members] : found.filter((one) => one !== undefined));
}
