import { ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { refuse } from '../business-rule.ts';
import { childOf } from '../child.ts';
import { localId } from '../local-id.ts';
import { isOwnReference, seenByWriter } from '../seen-by-writer.ts';
import { concludeWritten } from '../written-here.ts';

const rule = 'plan-lines-here';

/**
 * A line that a person puts into a plan is a record of the same child that is here: behind any other there is nothing to read, to do or to close. One of
 * another child, one that is hidden from the writer and one that never was are refused alike (PP-51). Machines tell what was recorded elsewhere, in an order
 * of their own; other servers' records have addresses, and are no business of this rule.
 */
export const concludePlanLines = concludeWritten(rule, 'CarePlan', async (after, before, tx): Promise<Result<void>> => {
  if (tx.actor.kind !== 'user' || !isOfType(after, 'CarePlan')) return ok(undefined);
  const child = childOf(after);
  const had = new Set(
    isOfType(before, 'CarePlan') && childOf(before) === child ? linesOf(before).map(([, to]) => to) : [],
  );
  for (const [place, reference] of linesOf(after)) {
    if (!isOwnReference(reference) || had.has(reference)) continue;
    const line = await seenByWriter(tx, reference);
    if (line === undefined || childrenOf(line).some((one) => one !== child))
      return refuse(rule, 'A line of a plan is a record of the same child that is kept here.', `CarePlan.${place}`);
  }
  return ok(undefined);
});

type Line = [place: string, reference: string | undefined];

function linesOf({ activity = [], goal = [], addresses = [] }: r4.CarePlan): Line[] {
  return [
    ...activity.map(({ reference }, at): Line => [`activity[${at}].reference`, reference?.reference]),
    ...goal.map(({ reference }, at): Line => [`goal[${at}]`, reference]),
    ...addresses.map(({ reference }, at): Line => [`addresses[${at}]`, reference]),
  ];
}

/** Whose record it is; an appointment's says so by who is to come. */
function childrenOf(line: Resource): string[] {
  if (isOfType(line, 'Appointment')) return line.participant.flatMap(({ actor }) => localId(actor, 'Patient') ?? []);
  return [localId(line.subject ?? line.patient ?? line.for, 'Patient') ?? []].flat();
}
