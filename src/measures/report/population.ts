import type { Resource, r4 } from '../../fhir/types.ts';
import type { Stratum } from '../stratum.ts';
import type { SubjectResult } from '../types.ts';
import { addUp, type CountedAnswer, toldValue } from './add-up.ts';
import { createReport, type Hiding, type ReportContext, reportGroups } from './measure-report.ts';
import { narrativeOf } from './narrative.ts';

/** Points to the contained OperationOutcome that lists what could not be evaluated. Source: FHIR extensions, cqf-messages. */
const messagesExtension = 'http://hl7.org/fhir/StructureDefinition/cqf-messages';

export interface Uncounted {
  /** Children for whom the measure failed. By id only for who may see every child. */
  failures: readonly { patientId: string; text: string }[];
  failed: number;
  /** Children whose answer is not there yet. */
  pending: number;
}

/** Counts of a population. With `hiding` it is the published form: a count that is hidden has a reason in its place. */
export function summaryReport(
  context: ReportContext,
  answers: readonly CountedAnswer[],
  uncounted: Uncounted,
  {
    hidingOf,
    remarks = [],
  }: { hidingOf?: (counts: ReturnType<typeof addUp>) => Hiding; remarks?: readonly string[] } = {},
): Resource {
  const counts = addUp(context.measure, answers);
  const hiding = hidingOf?.(counts);
  const messages = messagesOf(uncounted, hiding);
  return createReport(context, 'summary', {
    text: narrativeOf(context, counts, hiding, remarks),
    contained: messages,
    extension: messages.map(() => ({ url: messagesExtension, valueReference: { reference: '#messages' } })),
    group: reportGroups(context.measure, counts, { hiding }),
  });
}

/** One child of a subject list. */
export interface ListedChild {
  patientId: string;
  result: SubjectResult;
}

/** Counts, and a contained List of the members of every population and stratum. */
export function subjectListReport(
  context: ReportContext,
  children: readonly ListedChild[],
  uncounted: Uncounted,
  remarks: readonly string[] = [],
): Resource {
  const { measure } = context;
  const answers = children.map(
    ({ result }): CountedAnswer => ({
      answer: {
        groups: result.groups.map(({ group, units }) => ({
          group,
          units: units.map((unit) => ({ ...unit, count: 1 })),
        })),
        supplemental: result.supplemental,
      },
      children: 1,
    }),
  );
  const counts = addUp(measure, answers);
  const lists = new Map<string, r4.List>();
  const listOf = (group: string, population: string, stratifier?: string, stratum?: Stratum) => {
    const key = JSON.stringify([group, population, stratifier, stratum]);
    const known =
      lists.get(key) ?? listOfMembers(`list-${lists.size + 1}`, children, { group, population, stratifier, stratum });
    lists.set(key, known);
    return known.id;
  };
  const groups = reportGroups(measure, counts, { listOf });
  const messages = messagesOf(uncounted, undefined);
  return createReport(context, 'subject-list', {
    text: narrativeOf(context, counts, undefined, remarks),
    contained: [...messages, ...lists.values()],
    extension: messages.map(() => ({ url: messagesExtension, valueReference: { reference: '#messages' } })),
    group: groups,
  });
}

interface Membership {
  group: string;
  population: string;
  stratifier?: string;
  stratum?: Stratum;
}

function listOfMembers(id: string, children: readonly ListedChild[], membership: Membership): r4.List {
  const references = children.flatMap(({ patientId, result }) => {
    const units = result.groups.find(({ group }) => group === membership.group)?.units ?? [];
    return units
      .filter(({ populations, strata }) => {
        if (!populations.includes(membership.population)) return false;
        if (membership.stratifier === undefined) return true;
        const value = strata[membership.stratifier] ?? beside(result, membership.stratifier);
        return value === membership.stratum;
      })
      .map(({ resource }) => resource ?? `Patient/${patientId}`);
  });
  const list: r4.List = { resourceType: 'List', id, status: 'current', mode: 'snapshot' };
  if (references.length > 0) list.entry = references.map((reference) => ({ item: { reference } }));
  return list;
}

function beside({ supplemental }: SubjectResult, id: string): Stratum {
  return toldValue(supplemental[id]);
}

/**
 * Children who could not be evaluated are named by id and counted nowhere; a report that dropped them silently would lie. What is published
 * names nobody, and tells a number only when it is not small.
 */
function messagesOf({ failures, failed, pending }: Uncounted, hiding: Hiding | undefined): r4.OperationOutcome[] {
  const isPublished = hiding !== undefined;
  const issue: r4.OperationOutcomeIssue[] = isPublished
    ? []
    : failures.map(({ patientId, text }) => ({
        severity: 'error',
        code: 'exception',
        details: { text },
        diagnostics: `Patient/${patientId} is not counted in this report.`,
      }));
  const untold = isPublished ? failed : failed - failures.length;
  const number = (of: number) => (hiding && of <= hiding.largest ? 'A few' : String(of));
  if (untold > 0) issue.push(warning(`${number(untold)} children could not be evaluated and are not counted.`));
  if (pending > 0)
    issue.push(warning(`The answers of ${number(pending)} children are not there yet; they are not counted.`));
  return issue.length === 0 ? [] : [{ resourceType: 'OperationOutcome', id: 'messages', issue }];
}

function warning(text: string): r4.OperationOutcomeIssue {
  return { severity: 'warning', code: 'incomplete', details: { text } };
}
