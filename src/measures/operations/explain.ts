import { fail, ok, type Result } from '../../base/errors.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation } from '../../module.ts';
import type { GroupDefinition, ReadyMeasure } from '../types.ts';
import { periodAsked } from './ask-period.ts';
import { explainGroups } from './explain-groups.ts';
import { measuresAsked } from './find-measure.ts';
import type { Asked, MeasureRoom } from './room.ts';
import { seenChild } from './sight.ts';
import { subjectAsked } from './subjects.ts';

/**
 * `Measure/$explain` (our own): why a child is or is not met. Of every population its expression, what it came to, the records that made it
 * so, and the parts of the expression, as far as they decide; of a composite the same of each of its components. Seen only by who may see the child; records that are kept back from the
 * asker take no part.
 */
export function explainOperation(room: MeasureRoom): Operation[] {
  const operation: Omit<Operation, 'level'> = {
    name: 'explain',
    definition: 'http://careweave.org/fhir/OperationDefinition/measure-explain',
    resourceType: 'Measure',
    affectsState: false,
    parameters: ['measure', 'periodStart', 'periodEnd', 'subject', 'group'],
    requires: [
      ['Measure', 'r'],
      ['Patient', 'rs'],
    ],
    handle: (request) => explain({ room, request }),
  };
  return [
    { ...operation, level: 'type' },
    { ...operation, level: 'instance' },
  ];
}

async function explain(asked: Asked): Promise<Result<Resource>> {
  const { parameters } = asked.request;
  const measures = measuresAsked(asked, ['measure']);
  if (!measures.ok) return measures;
  const [measure, second] = measures.value;
  if (!measure || second) return fail('invalid', 'One measure is explained at a time.', { code: 'value' });
  const period = periodAsked(parameters);
  if (!period.ok) return period;
  const subject = subjectAsked(parameters);
  if (!subject.ok) return subject;
  if (!subject.value) return fail('invalid', 'Parameter subject is required.', { code: 'required' });
  if (subject.value.type !== 'Patient')
    return fail('invalid', 'Parameter subject has to be a Patient.', { code: 'value' });
  const groups = groupsAsked(measure, parameters.text('group'));
  if (!groups.ok) return groups;
  const seen = await seenChild(asked, [measure], subject.value.id);
  if (!seen.ok) return seen;
  const parts: r4.ParametersParameter[] = seen.value.remarks.map((text) => ({ name: 'remark', valueString: text }));
  const explained = await explainGroups({ asked, seen: seen.value, period: period.value }, measure, groups.value);
  return explained.ok ? ok({ resourceType: 'Parameters', parameter: [...parts, ...explained.value] }) : explained;
}

function groupsAsked(measure: ReadyMeasure, id: string | undefined): Result<readonly GroupDefinition[]> {
  if (id === undefined) return ok(measure.groups);
  const found = measure.groups.filter((group) => group.id === id);
  return found.length > 0 ? ok(found) : fail('not-found', 'The measure has no such group.');
}
