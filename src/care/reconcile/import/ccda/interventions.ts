import type { r4 } from '../../../../fhir/types.ts';
import { isEntryReference, isNegated, referredKeys, referredRecords, relatedOf, statementOf } from './entries.ts';
import type { Reading } from './sections.ts';
import { conceptOf, isNull, keysOf, nameOf, periodOf, wordsOf } from './values.ts';
import { childOf, childrenOf, hasTemplate, type XmlElement } from './xml.ts';

/** Intervention Act and Planned Intervention Act: what is done stands inside. */
const wrappers = ['2.16.840.1.113883.10.20.22.4.131', '2.16.840.1.113883.10.20.22.4.146'];

type Detail = r4.CarePlanActivityDetail;

/** Something that is done or planned: an activity written out in the plan, for the goals that it refers to. */
export function takeIntervention(entry: XmlElement, reading: Reading): void {
  const statement = statementOf(entry);
  if (!statement) return;
  if (hasTemplate(statement, ...goalTemplates)) return;
  if (!hasTemplate(statement, ...wrappers)) {
    take(statement, statement, reading);
    return;
  }
  const inside = relatedOf(statement).filter((one) => !isEntryReference(one) && !hasTemplate(one, ...goalTemplates));
  if (inside.length === 0) {
    take(statement, statement, reading);
    return;
  }
  for (const one of inside) take(one, statement, reading);
}

/** A plan of treatment repeats goals that the section of goals has. */
const goalTemplates = ['2.16.840.1.113883.10.20.22.4.121', '2.16.840.1.113883.10.20.22.4.143'];

function take(statement: XmlElement, act: XmlElement, reading: Reading): void {
  const { records, narrative, byKey } = reading;
  if (isNegated(statement) || isNegated(act)) {
    records.leave('An intervention is not to be done, or was not done; that stays in the original.');
    return;
  }
  const code = codeOf(statement, reading);
  const words = wordsOf(childOf(statement, 'text'), narrative) ?? wordsOf(childOf(act, 'text'), narrative);
  if (!code && words === undefined) {
    records.leave('An intervention says neither in codes nor in words what it is.');
    return;
  }
  const goals = [...new Set([statement, act].flatMap((one) => referredRecords(one, reading, reading.goals)))];
  const reasons = [...new Set([statement, act].flatMap((one) => referredRecords(one, reading, problems(reading))))];
  const period = periodOf(childOf(statement, 'effectiveTime') ?? childOf(act, 'effectiveTime'));
  const performer = performersOf(statement, act);
  const activity: r4.CarePlanActivity = {
    detail: {
      kind: kindOf(statement),
      status: statusOf(statement),
      ...(code && { code }),
      ...(words !== undefined && { description: words }),
      ...(period && { scheduledPeriod: period }),
      ...(performer.length > 0 && { performer }),
      ...(goals.length > 0 && { goal: goals.map((reference) => ({ reference })) }),
      ...(reasons.length > 0 && { reasonReference: reasons.map((reference) => ({ reference })) }),
    },
  };
  reading.activities.push(activity);
  for (const key of [...keysOf(statement), ...keysOf(act)]) if (!byKey.has(key)) byKey.set(key, activity);
  const unknown = [statement, act].flatMap(referredKeys).filter((key) => !byKey.has(key)).length;
  if (unknown > 0) records.leave('An intervention refers to something that is not in the document, or was not read.');
}

const problems = ({ concerns, problems: listed }: Reading) => [...concerns, ...listed];

function codeOf(statement: XmlElement, { narrative }: Reading): r4.CodeableConcept | undefined {
  const material = childOf(statement, 'consumable', 'manufacturedProduct', 'manufacturedMaterial', 'code');
  const product = childOf(statement, 'product', 'manufacturedProduct', 'manufacturedMaterial', 'code');
  const code = material ?? product ?? childOf(statement, 'code');
  return isNull(code) && !childOf(code, 'originalText') ? undefined : conceptOf(code, narrative);
}

/** Instructions and what is given to take become Tasks; what is ordered of somebody a request. */
function kindOf({ name, children }: XmlElement): NonNullable<Detail['kind']> {
  if (name === 'substanceAdministration') return 'MedicationRequest';
  if (name === 'supply') return 'DeviceRequest';
  const isInstruction = children.some(({ attributes }) => attributes.root === '2.16.840.1.113883.10.20.22.4.20');
  return isInstruction ? 'Task' : 'ServiceRequest';
}

const done: ReadonlySet<string | undefined> = new Set(['completed']);
const stopped: ReadonlySet<string | undefined> = new Set(['aborted', 'cancelled', 'nullified']);

function statusOf(statement: XmlElement): Detail['status'] {
  const code = childOf(statement, 'statusCode')?.attributes.code;
  if (stopped.has(code)) return 'stopped';
  if (code === 'suspended' || code === 'held') return 'on-hold';
  // Something planned is "completed" when its description is; only what happened is done.
  if (statement.attributes.moodCode === 'EVN') return done.has(code) ? 'completed' : 'in-progress';
  return 'not-started';
}

function performersOf(...statements: XmlElement[]): r4.Reference[] {
  const names = statements
    .flatMap((statement) => childrenOf(statement, 'performer'))
    .flatMap((performer) => {
      const entity = childOf(performer, 'assignedEntity');
      return (
        nameOf(childOf(entity, 'assignedPerson', 'name')) ??
        nameOf(childOf(entity, 'representedOrganization', 'name')) ??
        []
      );
    });
  return [...new Set(names)].map((display) => ({ display }));
}
