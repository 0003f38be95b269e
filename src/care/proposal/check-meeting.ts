import { ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { localReference } from '../../fhir/plan-view/index-of.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { seesAll, type Tx } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { localId } from '../local-id.ts';
import { isOfChild } from '../oneself.ts';
import { checkWritten, concludeWritten } from '../written-here.ts';
import { hasCareCode } from './proposal-task.ts';

const decisionRule = 'meeting-decision';
const meetingRule = 'plan-meeting-over';

/** A decision of a meeting is somebody's, has a day until when, and says what was decided and in which meeting (row S3.9). */
export const checkDecision = checkWritten(decisionRule, 'Task', (after) => {
  if (!isOfType(after, 'Task') || !hasCareCode([after.code], 'meeting-decision')) return ok(undefined);
  const bad = (text: string, element: string) => refuse(decisionRule, text, `Task.${element}`);
  if (!after.description?.trim()) return bad('A decision says what was decided.', 'description');
  if (localReference(after.owner) === undefined) return bad('A decision names who does it, as its owner.', 'owner');
  if (after.restriction?.period?.end === undefined)
    return bad('A decision has a day until when, in restriction.period.end.', 'restriction.period.end');
  if (localId(after.encounter, 'Encounter') === undefined)
    return bad('A decision names the meeting that took it, as its encounter.', 'encounter');
  return ok(undefined);
});

/** Who does it is known here, and of families only the child's own: what nobody does would stand in the plan as somebody's. */
export const concludeDecisionOwner = concludeWritten(decisionRule, 'Task', async (after, before, tx) => {
  if (!isOfType(after, 'Task') || !hasCareCode([after.code], 'meeting-decision')) return ok(undefined);
  const [owner, child] = [localReference(after.owner), localId(after.for, 'Patient')];
  const isSame = isOfType(before, 'Task') && localReference(before.owner) === owner;
  if (isSame || owner === undefined || (await isOfChild(owner, child ?? '', tx))) return ok(undefined);
  const text =
    'Who does what a meeting decided is somebody known here: of the child’s family, of its team, or an organization.';
  return refuse(decisionRule, text, 'Task.owner');
});

/** A joint meeting about the plan that is over names who was there, and has at least one decision with owner and day (row S3.9). */
export const concludeMeeting = concludeWritten(meetingRule, 'Encounter', async (after, before, tx) => {
  const isOver = isOfType(after, 'Encounter') && isMeeting(after) && after.status === 'finished';
  if (!isOver || (isOfType(before, 'Encounter') && before.status === 'finished')) return ok(undefined);
  if (!(after.participant ?? []).some(({ individual }) => individual !== undefined))
    return refuse(meetingRule, 'A meeting that is over names who was there.', 'Encounter.participant');
  return hasDecision(after, tx);
});

export function isMeeting({ type = [] }: r4.Encounter): boolean {
  return hasCareCode(type, 'plan-meeting');
}

const encounter = { code: 'encounter', kind: 'reference', expression: 'Task.encounter' } as const;

async function hasDecision(meeting: Resource & r4.Encounter, tx: Tx): Promise<Result<void>> {
  const now = tx.changes.some(
    ({ after }) =>
      isOfType(after, 'Task') &&
      hasCareCode([after.code], 'meeting-decision') &&
      localId(after.encounter, 'Encounter') === meeting.id,
  );
  if (now) return ok(undefined);
  const values = [{ kind: 'reference' as const, type: 'Encounter', id: meeting.id ?? '' }];
  const found = await tx.search(
    {
      type: 'Task',
      filters: [{ kind: 'filter', param: encounter, values }],
      includes: [],
      revincludes: [],
      sort: [],
      count: 1,
      total: 'none',
    },
    seesAll,
  );
  if (found.ok && found.value.matches.length > 0) return ok(undefined);
  const text =
    'A meeting about the plan ends in decisions: Tasks meeting-decision with an owner and a day. Or use CarePlan/[id]/$close-meeting.';
  return refuse(meetingRule, text, 'Encounter.status');
}
