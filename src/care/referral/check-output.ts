import { ok } from '../../base/errors.ts';
import { stringifyJson } from '../../fhir/json.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Reader } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { currentOf } from '../stored.ts';
import { concludeWritten } from '../written-here.ts';
import { stateOf } from './canonical-state.ts';
import { fulfillsReferral } from './states.ts';

const rule = 'referral-output';

/** HL7 SDOH Clinical Care 3.0.0: what an enrollment-status Observation says. */
const enrollmentSystem = 'http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes';
const onWaitlist = 'not-enrolled-on-waitlist';

/**
 * What came of a referral is in its output: a Procedure, an enrollment-status Observation, a report. Each result that is kept here is of the same child;
 * one of another child and one that is not here are refused in the same words (PP-51). And a child who is on a program's waiting list is
 * not done with: the referral is waitlisted, not completed.
 */
export const concludeOutput = concludeWritten(rule, 'Task', async (after, before, tx) => {
  if (!isOfType(after, 'Task') || !fulfillsReferral(after)) return ok(undefined);
  const known = new Set(isOfType(before, 'Task') ? (before.output ?? []).map((one) => stringifyJson(one)) : []);
  const isSame = isOfType(before, 'Task') && before.for?.reference === after.for?.reference;
  const results: Resource[] = [];
  for (const output of after.output ?? []) {
    const reference = localReference(output.valueReference);
    if (reference === undefined) continue;
    const result = await read(reference, tx);
    if (isSame && known.has(stringifyJson(output))) {
      if (result) results.push(result);
      continue;
    }
    if (!result || !isAbout(result, after.for?.reference))
      return refuse(rule, 'A result that the output names is kept here, of the same child.', 'Task.output');
    results.push(result);
  }
  const hasEnded = stateOf(after) === 'completed' && !(isOfType(before, 'Task') && stateOf(before) === 'completed');
  if (!hasEnded || !isWaiting(results)) return ok(undefined);
  const text =
    'The enrollment status says that the child is on the waiting list: the referral is waitlisted, not completed.';
  return refuse(rule, text, 'Task.status');
});

function localReference(reference: r4.Reference | undefined): [type: string, id: string] | undefined {
  const [, type, id] =
    /^([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/\w+)?$/.exec(reference?.reference ?? '') ?? [];
  return type === undefined || id === undefined ? undefined : [type, id];
}

async function read([type, id]: [string, string], reader: Reader): Promise<Resource | undefined> {
  return currentOf(await reader.read(type, id));
}

function isAbout(result: Resource, child: string | undefined): boolean {
  if (isOfType(result, 'Appointment'))
    return child !== undefined && result.participant.some(({ actor }) => actor?.reference === child);
  const { subject, patient, for: whom } = result;
  const named = [subject, patient, whom].find((one) => typeof one === 'object' && one !== null);
  return child !== undefined && named !== undefined && 'reference' in named && named.reference === child;
}

/** The last enrollment status among the results. */
function isWaiting(results: readonly Resource[]): boolean {
  const said = results.flatMap((result) => {
    if (!isOfType(result, 'Observation')) return [];
    return (result.valueCodeableConcept?.coding ?? []).filter(({ system }) => system === enrollmentSystem);
  });
  return said.at(-1)?.code === onWaitlist;
}
