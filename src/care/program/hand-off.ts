import { ok, type Result } from '../../base/errors.ts';
import { stringifyJson } from '../../fhir/json.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { localReference } from '../../fhir/plan-view/index-of.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Reader } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { localId } from '../local-id.ts';
import { currentOf } from '../stored.ts';
import { checkWritten } from '../written-here.ts';
import { careTaskSystem } from './vocabulary.ts';

const rule = 'warm-hand-off';
export const confirmationUrl = `${canonicalBase}/StructureDefinition/hand-off-confirmation`;

/** A Task by which a child is handed from one person to another, both present, in person or by telephone. Its focus is the enrollment. */
export function isHandOff({ code }: Pick<r4.Task, 'code'>): boolean {
  return code?.coding?.some((one) => one.system === careTaskSystem && one.code === 'warm-hand-off') === true;
}

interface Confirmation {
  by: string;
  at: string;
}

export function confirmationsOf({ extension = [] }: r4.Task): Confirmation[] {
  return extension.flatMap(({ url, extension: parts = [] }) => {
    const by = localReference(parts.find((part) => part.url === 'by')?.valueReference);
    const at = parts.find((part) => part.url === 'at')?.valueInstant;
    return url === confirmationUrl && by !== undefined && at !== undefined ? [{ by, at }] : [];
  });
}

/** Both have said that it happened. */
export function isConfirmed(task: r4.Task): boolean {
  const by = new Set(confirmationsOf(task).map((one) => one.by));
  return by.has(localReference(task.requester) ?? '') && by.has(localReference(task.owner) ?? '');
}

/**
 * A warm hand-off has two parties, who hands over (requester) and who takes over (owner), and is done when both have confirmed it; each confirms for
 * themselves, and what was confirmed stays (S4.15).
 */
export const checkHandOff = checkWritten(rule, 'Task', async (after, earlier, tx) => {
  if (!isOfType(after, 'Task')) return ok(undefined);
  const before = isOfType(earlier, 'Task') ? earlier : undefined;
  if (!isHandOff(after)) {
    return before && isHandOff(before)
      ? refuse(rule, 'A warm hand-off stays one: cancel it instead.', 'Task.code')
      : ok(undefined);
  }
  const [from, to] = [localReference(after.requester), localReference(after.owner)];
  if (from === undefined || to === undefined || from === to) {
    return refuse(
      rule,
      'A warm hand-off names two: who hands over (requester) and who takes over (owner).',
      'Task.owner',
    );
  }
  const was = before ? confirmationsOf(before) : [];
  const is = confirmationsOf(after);
  if (!was.every((one, index) => stringifyJson({ ...one }) === stringifyJson({ ...is[index] }))) {
    return refuse(rule, 'What was confirmed of a hand-off stays.', 'Task.extension');
  }
  for (const { by } of is.slice(was.length)) {
    const own = await checkParty(by, [from, to], tx);
    if (!own.ok) return own;
  }
  if (after.status !== 'completed' || isConfirmed(after)) return ok(undefined);
  return refuse(rule, 'A warm hand-off is completed when both parties have confirmed it.', 'Task.status');
});

async function checkParty(
  by: string,
  parties: readonly string[],
  tx: Reader & { actor: { kind: string; id: string } },
): Promise<Result<void>> {
  if (!parties.includes(by)) {
    return refuse(rule, 'A hand-off is confirmed by who hands over and who takes over.', 'Task.extension');
  }
  const isOwn = tx.actor.kind !== 'user' || (await isSamePerson(tx, tx.actor.id, by));
  return isOwn ? ok(undefined) : refuse(rule, 'Everybody confirms a hand-off for themselves.', 'Task.extension');
}

/** True when the reference names this person, or a role of theirs. */
export async function isSamePerson(reader: Pick<Reader, 'read'>, person: string, reference: string): Promise<boolean> {
  if (person === reference) return true;
  const roleId = localId({ reference }, 'PractitionerRole');
  const role: Resource | undefined =
    roleId === undefined ? undefined : currentOf(await reader.read('PractitionerRole', roleId));
  return isOfType(role, 'PractitionerRole') && localReference(role.practitioner) === person;
}
