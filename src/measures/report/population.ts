import type { Resource, r4 } from '../../fhir/types.ts';
import type { Tally } from '../counts.ts';
import type { ChildResult } from '../currency/results.ts';
import type { GroupDefinition } from '../types.ts';
import { createReport, type ReportContext, reportGroups } from './measure-report.ts';

/** Points to the contained OperationOutcome that lists what could not be evaluated. Source: FHIR extensions, cqf-messages. */
const messagesExtension = 'http://hl7.org/fhir/StructureDefinition/cqf-messages';

/** Collects children one by one into counts, so that a whole population needs no more memory than its members' ids. */
export interface PopulationTally {
  add(result: ChildResult): void;
  /** Counts only. */
  summary(context: ReportContext): Resource;
  /** Counts, and a contained List of subjects for every population. */
  subjectList(context: ReportContext): Resource;
}

export function createTally(): PopulationTally {
  const members = new Map<string, string[]>();
  const failures: { patientId: string; text: string }[] = [];
  const listId = (group: string, population: string) => `${group}-${population}`;
  const membersOf = (group: string, population: string): string[] => {
    const id = listId(group, population);
    const known = members.get(id) ?? [];
    members.set(id, known);
    return known;
  };

  function report(context: ReportContext, type: 'summary' | 'subject-list'): Resource {
    const { measure } = context;
    const counted = ({ id: group, populations }: GroupDefinition): Tally => ({
      counts: Object.fromEntries(populations.map(({ id }) => [id, membersOf(group, id).length])),
      observations: {},
    });
    const lists =
      type === 'summary'
        ? []
        : measure.groups.flatMap(({ id, populations }) =>
            populations.map((population) => subjectListOf(listId(id, population.id), membersOf(id, population.id))),
          );
    const messages = failures.length === 0 ? [] : [messagesOf(failures)];
    return createReport(context, type, {
      contained: [...messages, ...lists],
      extension: messages.map(() => ({ url: messagesExtension, valueReference: { reference: '#messages' } })),
      group: reportGroups(measure, counted, type === 'summary' ? undefined : listId),
    });
  }

  return {
    add({ patientId, groups, failure }) {
      if (failure !== undefined) failures.push({ patientId, text: failure });
      for (const { group, units } of groups ?? []) {
        for (const population of units.flatMap(({ populations }) => populations)) {
          membersOf(group, population).push(patientId);
        }
      }
    },
    summary: (context) => report(context, 'summary'),
    subjectList: (context) => report(context, 'subject-list'),
  };
}

function subjectListOf(id: string, patientIds: readonly string[]): r4.List {
  const list: r4.List = { resourceType: 'List', id, status: 'current', mode: 'snapshot' };
  if (patientIds.length > 0) list.entry = patientIds.map((patient) => ({ item: { reference: `Patient/${patient}` } }));
  return list;
}

/** Children who could not be evaluated are named by id and counted nowhere; a report that dropped them silently would lie. */
function messagesOf(failures: readonly { patientId: string; text: string }[]): r4.OperationOutcome {
  return {
    resourceType: 'OperationOutcome',
    id: 'messages',
    issue: failures.map(({ patientId, text }) => ({
      severity: 'error',
      code: 'exception',
      details: { text },
      diagnostics: `Patient/${patientId} is not counted in this report.`,
    })),
  };
}
