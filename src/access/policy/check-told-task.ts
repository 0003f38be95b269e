import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { isObject } from '../../fhir/search/walk-path.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Sql, Tx, WriteCheck } from '../../store/types.ts';
import { partnerNames } from './acts-for.ts';
import { list, referenceOf } from './consent.ts';
import { isOfFamily } from './told-tasks.ts';

/** In these a Task of somebody's own begins. */
const first: ReadonlySet<unknown> = new Set(['draft', 'requested']);
/** How who asked for something may leave it: sent, or taken back. */
const asked: ReadonlySet<unknown> = new Set(['requested', 'cancelled']);
/** What who was asked answers. */
const answered: ReadonlySet<unknown> = new Set([
  ...['received', 'accepted', 'rejected', 'ready', 'in-progress', 'on-hold', 'failed', 'completed'],
]);
const over: ReadonlySet<unknown> = new Set(['rejected', 'cancelled', 'failed', 'completed', 'entered-in-error']);

/**
 * What somebody of a family or of a partner does with a Task: asks for something and takes it back, or answers what they were asked. How a
 * referral moves is for its own rules, which know both (`care/referral`); a Task that was only shared with them is moved by others.
 */
export const checkToldTask = (clock: Clock): WriteCheck => {
  // Asked once in a transaction, however many Tasks it writes.
  const asked = new WeakMap<Sql, Promise<ReadonlySet<string> | undefined>>();
  const partner = ({ own, actor }: Tx) => {
    const names = asked.get(own) ?? partnerNames(own, actor, clock.now());
    asked.set(own, names);
    return names;
  };
  return {
    name: 'told-task',
    types: ['Task'],
    check: async ({ before, after }, tx) => {
      // Who writes is asked only when it matters: nearly every new Task is of those that anybody may make.
      if (isForAll(before, after)) return ok(undefined);
      const me = isOfFamily(tx.actor) ? await namesOf(tx) : await partner(tx);
      if (me === undefined) return ok(undefined);
      if (!after) return fail('forbidden', 'This writer deletes no Task: it is taken back by its status.');
      if (!before) return refuse('A new Task is draft or requested.');
      return checkMove(before, after.status, me);
    },
  };
};

/** A new one that begins, and a change that does not move it, or moves a referral. */
function isForAll(before: Resource | undefined, after: Resource | undefined): boolean {
  if (!after) return false;
  if (!before) return first.has(after.status);
  const isMoved = before.status !== after.status || !isDeepStrictEqual(before.businessStatus, after.businessStatus);
  return !isMoved || isOfReferral(before);
}

function checkMove(before: Resource, to: unknown, me: ReadonlySet<string>): Result<void> {
  if (over.has(before.status)) return refuse('This Task is over.');
  const isMine = (party: unknown) => me.has(referenceOf(party) ?? '');
  if (isMine(before.requester) && asked.has(to) && (to === 'cancelled' || first.has(before.status)))
    return ok(undefined);
  if (isMine(before.owner) && answered.has(to)) return ok(undefined);
  return refuse('Who asked for a Task takes it back; who owns it says how it goes.');
}

function refuse(text: string) {
  return fail('unprocessable', `told-task: ${text}`, { code: 'business-rule', expression: ['Task.status'] });
}

/** The Task carries out a request: its code says so, or its focus is one. */
function isOfReferral({ code, focus }: Resource): boolean {
  const codings = list(code).flatMap((one) => (isObject(one) ? list(one.coding) : []));
  const isFulfill = codings.some((one) => isObject(one) && one.system === taskCodes && one.code === 'fulfill');
  return isFulfill || referenceOf(focus)?.startsWith('ServiceRequest/') === true;
}

const taskCodes = 'http://hl7.org/fhir/CodeSystem/task-code';

/** The writer, and whom a Person stands for. */
async function namesOf(tx: Tx): Promise<ReadonlySet<string>> {
  const { id } = tx.actor;
  const [type = '', personId = ''] = id.split('/');
  const person = type === 'Person' ? await tx.read('Person', personId) : undefined;
  if (!person || person.deleted) return new Set([id]);
  const links = list(Object(JSON.parse(person.json)).link);
  return new Set([id, ...links.flatMap((link) => (isObject(link) ? (referenceOf(link.target) ?? []) : []))]);
}
