import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { isLead } from '../../fhir/plan-view/team.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { type Actor, type Store, seesAll, type Tx } from '../../store/types.ts';
import { currentOf, resourceOf } from '../stored.ts';
import { needRecordsSeen, needRules, type Rules } from './read-needs.ts';
import { registerOf } from './register.ts';
import { addMonths, type Screen, screensOf } from './schedule.ts';
import {
  formsIn,
  inputsFor,
  isOpenTask,
  isScreeningTask,
  type ScreeningTask,
  screeningTask,
} from './screening-task.ts';

const dayMs = 24 * 3_600_000;

interface Row {
  task_id: string;
  asked_on: string;
}

/**
 * Sees to it that the screenings of one child which are overdue stand in one open Task (S2.25): gives it, brings its forms up to date, completes it
 * when nothing is overdue any more. What somebody has ended by hand is not asked again until it is due anew.
 */
export async function askChild(store: Store, actor: Actor, childId: string, clock: Clock): Promise<Result<void>> {
  const rules = await needRules({ store });
  if (!rules.ok) return rules;
  const now = clock.now();
  const overdue = await overdueOf(store, childId, rules.value, now.toISOString().slice(0, 10));
  if (!overdue.ok) return overdue;
  const known = await rowOf(store, childId);
  // Nearly every child, nearly every day.
  if (known === undefined && overdue.value.length === 0) return ok(undefined);
  return store.transact(actor, async (tx) => {
    await tx.lock(`screening:${childId}`);
    return settle(tx, childId, overdue.value, rules.value, now);
  });
}

async function overdueOf(store: Store, childId: string, rules: Rules, today: string): Promise<Result<Screen[]>> {
  const patient = currentOf(await store.read('Patient', childId));
  if (!isOfType(patient, 'Patient') || !isAsked(patient, today)) return ok([]);
  const records = await needRecordsSeen(store, childId, seesAll);
  if (!records.ok) return records;
  // That one is asked sooner would tell of a need that few may know.
  const known = records.value.filter(
    ({ resourceType, meta }) => resourceType !== 'Condition' || !meta?.security?.length,
  );
  const needs = registerOf(known, today, rules.domains);
  return ok(screensOf(rules.schedule, records.value, needs, today).filter(({ isOverdue }) => isOverdue));
}

/** A child, alive, whose record is in use. */
function isAsked({ active, birthDate, deceasedBoolean, deceasedDateTime }: r4.Patient, today: string): boolean {
  if (active === false || deceasedBoolean === true || deceasedDateTime !== undefined) return false;
  return birthDate === undefined || birthDate > `${Number(today.slice(0, 4)) - 21}${today.slice(4)}`;
}

async function settle(
  tx: Tx,
  childId: string,
  overdue: readonly Screen[],
  rules: Rules,
  now: Date,
): Promise<Result<void>> {
  const row = await rowOf(tx.own, childId);
  const found = row && currentOf(await tx.read('Task', row.task_id));
  const task = isScreeningTask(found) ? found : undefined;
  const forms = overdue.map(({ questionnaire }) => questionnaire);
  if (task && isOpenTask(task)) return bringUpToDate(tx, task, forms);
  const wanted = overdue.filter((screen) => !row || !task || isDueAnew(screen, row, task, rules, now));
  if (wanted.length === 0) return ok(undefined);
  const until = new Date(now.getTime() + limits.care.screeningDays * dayMs);
  const owner = await leadOf(tx, childId);
  const written = await tx.create({ ...screeningTask({ child: childId, forms, owner, now, until }) });
  if (!written.ok) return written;
  await tx.own.query(
    `INSERT INTO screening_asked (patient_id, task_id, asked_on) VALUES ($1, $2, $3)
     ON CONFLICT (patient_id) DO UPDATE SET task_id = EXCLUDED.task_id, asked_on = EXCLUDED.asked_on`,
    [childId, written.value.stored.id, now.toISOString().slice(0, 10)],
  );
  return ok(undefined);
}

/** The open Task as it is to be; nothing is written when it is so. */
async function bringUpToDate(tx: Tx, task: ScreeningTask, forms: readonly string[]): Promise<Result<void>> {
  const said = formsIn(task);
  if (forms.length > 0 && said.length === forms.length && forms.every((one) => said.includes(one)))
    return ok(undefined);
  const after = forms.length === 0 ? { ...task, status: 'completed' } : { ...task, input: inputsFor(forms) };
  const written = await tx.update(after);
  return written.ok ? ok(undefined) : written;
}

/** After somebody has ended the Task: a form that it did not ask for, that has become due since, or whose time has passed once more. */
function isDueAnew(screen: Screen, row: Row, task: ScreeningTask, { schedule }: Rules, now: Date): boolean {
  const { questionnaire, due } = screen;
  if (!formsIn(task).includes(questionnaire) || (due !== undefined && due > row.asked_on)) return true;
  const months = schedule.find((one) => one.questionnaire === questionnaire)?.everyMonths ?? 12;
  return addMonths(row.asked_on, months) <= now.toISOString().slice(0, 10);
}

async function rowOf(sql: Pick<Store, 'query'>, childId: string): Promise<Row | undefined> {
  const [row] = await sql.query<Row>(
    `SELECT task_id, to_char(asked_on, 'YYYY-MM-DD') AS asked_on FROM screening_asked WHERE patient_id = $1`,
    [childId],
  );
  return row;
}

async function leadOf(tx: Pick<Tx, 'recordsOf'>, childId: string): Promise<string | undefined> {
  const teams: Resource[] = (await tx.recordsOf([childId], ['CareTeam'])).map(({ stored }) => resourceOf(stored));
  for (const team of teams) {
    if (!isOfType(team, 'CareTeam') || (team.status !== undefined && team.status !== 'active')) continue;
    const lead = team.participant?.find((one) => isLead(one) && one.period?.end === undefined);
    if (lead?.member?.reference !== undefined) return lead.member.reference;
  }
  return undefined;
}
