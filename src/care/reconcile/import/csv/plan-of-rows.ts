import type { Resource, r4 } from '../../../../fhir/types.ts';
import { type LegacyPlan, Records } from '../legacy-plan.ts';
import { columns, conceptOf, type PlanRow, periodOf, statusOf } from './columns.ts';
import { type PlanRows, servedBy } from './read-plans.ts';

const clinical = (kind: 'condition' | 'allergyintolerance', code: string): r4.CodeableConcept => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${kind}-clinical`, code }],
});
const unconfirmed = (system: string): r4.CodeableConcept => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code: 'unconfirmed' }],
});

/** One plan of a table. `name`: how the child is called here, since a table names it by number and birth date. */
export function planOfRows(
  { head, rows, birthDate, number }: PlanRows,
  subject: r4.Reference,
  names: readonly string[],
): LegacyPlan {
  const records = new Records();
  const made = new Map<string, string>();
  const keep = (row: PlanRow, resource: Resource) => {
    const fullUrl = records.add(resource);
    if (row.cells.item !== '') made.set(row.cells.item, fullUrl);
    return { reference: fullUrl };
  };
  const of = (kind: PlanRow['kind']) => rows.filter((row) => row.kind === kind);
  const served = ({ cells }: PlanRow, kind: PlanRow['kind']) => {
    const items = new Set(of(kind).map((row) => row.cells.item));
    return servedBy(cells.serves)
      .filter((item) => items.has(item))
      .map((item) => ({ reference: made.get(item) ?? '' }));
  };
  const addresses = of('problem').map((row) => keep(row, problemOf(row, subject)));
  for (const row of of('allergy')) keep(row, allergyOf(row, subject));
  for (const row of of('medication')) keep(row, medicationOf(row, subject));
  const goal = of('goal').map((row) => keep(row, goalOf(row, subject, served(row, 'problem'))));
  const activity = of('activity').map((row) => ({
    detail: activityOf(row, served(row, 'goal'), served(row, 'problem')),
  }));
  const team = of('team');
  if (team.length > 0) records.add(teamOf(team, subject));
  const period = periodOf(head);
  const plan: Resource & r4.CarePlan = {
    resourceType: 'CarePlan',
    identifier: [{ value: number }],
    status: statusOf(head) as r4.CarePlan['status'],
    intent: 'plan',
    title: head.cells.text,
    subject,
    ...(head.cells.code !== '' && { category: [conceptOf(head)] }),
    ...(period && { period }),
    ...(head.cells.owner !== '' && { author: { display: head.cells.owner } }),
    ...(addresses.length > 0 && { addresses }),
    ...(goal.length > 0 && { goal }),
    ...(activity.length > 0 && { activity }),
    ...noted(head),
  };
  return {
    plan,
    records: records.records,
    person: { birthDate, names },
    leftOut: records.sentences(),
    isWhole: records.leftOut.size === 0,
    original: { contentType: 'text/csv', text: tableOf(rows), title: head.cells.text },
    confidentiality: [],
  };
}

const noted = ({ cells }: PlanRow) => (cells.note === '' ? {} : { note: [{ text: cells.note }] });

function problemOf(row: PlanRow, subject: r4.Reference): Resource {
  const { start, end } = row.cells;
  return {
    resourceType: 'Condition',
    clinicalStatus: clinical('condition', end === '' ? statusOf(row) : 'resolved'),
    verificationStatus: unconfirmed('condition-ver-status'),
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-category', code: 'problem-list-item' }] },
    ],
    code: conceptOf(row),
    subject,
    ...(start !== '' && { onsetDateTime: start }),
    ...(end !== '' && { abatementDateTime: end }),
    ...noted(row),
  };
}

function allergyOf(row: PlanRow, patient: r4.Reference): Resource {
  return {
    resourceType: 'AllergyIntolerance',
    clinicalStatus: clinical('allergyintolerance', row.cells.end === '' ? statusOf(row) : 'inactive'),
    verificationStatus: unconfirmed('allergyintolerance-verification'),
    code: conceptOf(row),
    patient,
    ...(row.cells.start !== '' && { onsetDateTime: row.cells.start }),
    ...noted(row),
  };
}

function medicationOf(row: PlanRow, subject: r4.Reference): Resource {
  const effectivePeriod = periodOf(row);
  return {
    resourceType: 'MedicationStatement',
    status: statusOf(row),
    medicationCodeableConcept: conceptOf(row),
    subject,
    ...(effectivePeriod && { effectivePeriod }),
    ...(row.cells.note !== '' && { dosage: [{ text: row.cells.note }] }),
  };
}

function goalOf(row: PlanRow, subject: r4.Reference, addresses: r4.Reference[]): Resource {
  const { start, end } = row.cells;
  return {
    resourceType: 'Goal',
    lifecycleStatus: statusOf(row),
    description: conceptOf(row),
    subject,
    ...(start !== '' && { startDate: start }),
    ...(end !== '' && { target: [{ dueDate: end }] }),
    ...(addresses.length > 0 && { addresses }),
    ...noted(row),
  };
}

function activityOf(row: PlanRow, goal: r4.Reference[], reasonReference: r4.Reference[]): r4.CarePlanActivityDetail {
  const { text, owner, note, code } = row.cells;
  const scheduledPeriod = periodOf(row);
  return {
    status: statusOf(row) as r4.CarePlanActivityDetail['status'],
    ...(code !== '' && { code: conceptOf(row) }),
    description: note === '' ? text : `${text}: ${note}`,
    ...(scheduledPeriod && { scheduledPeriod }),
    ...(owner !== '' && { performer: [{ display: owner }] }),
    ...(goal.length > 0 && { goal }),
    ...(reasonReference.length > 0 && { reasonReference }),
  };
}

function teamOf(rows: readonly PlanRow[], subject: r4.Reference): Resource {
  return {
    resourceType: 'CareTeam',
    status: 'proposed',
    name: 'Care team of an imported plan',
    subject,
    participant: rows.map((row) => {
      const period = periodOf(row);
      return { role: [{ text: row.cells.text }], member: { display: row.cells.owner }, ...(period && { period }) };
    }),
  };
}

/** The rows of this plan alone, as a table of their own: nobody's record holds another child's. */
function tableOf(rows: readonly PlanRow[]): string {
  const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
  const lines = rows.map(({ cells }) => columns.map((name) => quoted(cells[name])).join(','));
  return `${[columns.join(','), ...lines].join('\r\n')}\r\n`;
}
