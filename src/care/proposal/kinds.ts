import { fail, ok, type Result } from '../../base/errors.ts';
import { isSame } from '../../fhir/merge/three-way.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { childOf } from '../child.ts';
import { localId } from '../local-id.ts';
import type { Action } from './proposal-task.ts';

/**
 * What may be proposed besides a comment (decision D5: whoever contributes says what they want in the plan; what a clinician orders they do not write). A
 * line stands in a list of the plan; what stands beside the plan is read with it.
 */
interface Kind {
  actions: readonly Action[];
  /** Stands in a list of the plan itself. */
  isLine: boolean;
  /** What is wrong with it, in a sentence. */
  lack?(proposed: Resource, seen: Resource | undefined): string | undefined;
}

const ofLine: Kind = { actions: ['add', 'change', 'remove'], isLine: true };

const kinds: Readonly<Record<string, Kind>> = {
  Goal: ofLine,
  Condition: ofLine,
  ServiceRequest: ofLine,
  Task: ofLine,
  Appointment: { actions: ['add', 'remove'], isLine: true, lack: lackOfWish },
  Observation: { actions: ['add', 'change'], isLine: false, lack: lackOfPreference },
  RelatedPerson: { actions: ['add', 'change'], isLine: false, lack: lackOfContact },
  CareTeam: { actions: ['change'], isLine: false, lack: lackOfTeam },
};

const of = (type: string): Kind | undefined => (Object.hasOwn(kinds, type) ? kinds[type] : undefined);

/** It stands in a list of the plan. */
export const isLineType = (type: string) => of(type)?.isLine === true;

/** It is known with the plan and is in none of its lists: the plan's own team, a preference, somebody to turn to. */
export const isBesideType = (type: string) => of(type)?.isLine === false;

/** Orders and prescriptions are said in words, or asked for as a ServiceRequest. */
const instead =
  'What a clinician prescribes or orders is not proposed as a record: say it in words (comment), or ask for it by a ServiceRequest.';

/** Whether this may be proposed so. `seen`: the record as it is, to change. Error `unprocessable`, in a sentence. */
export function checkKind(action: Action, proposed: Resource, seen: Resource | undefined): Result<void> {
  const { resourceType: type } = proposed;
  const kind = of(type);
  const bad = (text: string) => fail('unprocessable', text, { code: 'value' });
  // What is a line already, of whatever type, may be asked to change.
  if (!kind) return seen && action === 'change' ? ok(undefined) : bad(`${namesFor(action)} ${instead}`);
  if (!kind.actions.includes(action)) return bad(`${namesFor(action)} A ${type} is not one of them.`);
  const lack = kind.lack?.(proposed, seen);
  return lack === undefined ? ok(undefined) : bad(lack);
}

function namesFor(action: Action): string {
  const names = Object.entries(kinds).flatMap(([type, kind]) => (kind.actions.includes(action) ? [type] : []));
  return `To ${action}, proposed has to be one of ${names.join(', ')}.`;
}

/** The child that it is about, as an id. */
export function childIn(resource: Resource | undefined): string | undefined {
  if (!isOfType(resource, 'Appointment')) return childOf(resource);
  const children = resource.participant.flatMap(({ actor }) => localId(actor, 'Patient') ?? []);
  return children.length === 1 ? children[0] : undefined;
}

/** What is wanted, about this child; undefined when it says that it is about somebody else. */
export function forChild(proposed: Resource, child: string): Resource | undefined {
  const who = { reference: `Patient/${child}` };
  if (isOfType(proposed, 'Appointment')) {
    const others = (proposed.participant ?? []).filter(({ actor }) => actor?.reference !== who.reference);
    if (others.some(({ actor }) => actor?.reference?.startsWith('Patient/'))) return undefined;
    return { ...proposed, participant: [{ actor: who, status: 'needs-action' }, ...others] };
  }
  const { resourceType: type } = proposed;
  const element = type === 'Task' ? 'for' : type === 'RelatedPerson' ? 'patient' : 'subject';
  if (proposed[element] !== undefined && childOf(proposed) !== child) return undefined;
  return { ...proposed, [element]: who };
}

/** A wish for an appointment: nobody has a place yet. */
function lackOfWish(proposed: Resource): string | undefined {
  if (!isOfType(proposed, 'Appointment')) return undefined;
  if (proposed.status !== 'proposed') return 'An appointment that is wished for has the status proposed.';
  if (proposed.slot !== undefined) return 'A wish for an appointment takes no slot: who books it chooses one.';
  return undefined;
}

const preferences: ReadonlySet<string | undefined> = new Set([
  'care-experience-preference',
  'treatment-intervention-preference',
]);

/** US Core 7: how somebody wishes to be cared for, and what they want done or not. */
function lackOfPreference(proposed: Resource): string | undefined {
  const categories = isOfType(proposed, 'Observation') ? (proposed.category ?? []) : [];
  const isPreference = categories.some(({ coding = [] }) => coding.some(({ code }) => preferences.has(code)));
  if (isPreference) return undefined;
  return 'Of Observations only preferences are proposed (category care-experience-preference or treatment-intervention-preference): what was measured is measured again.';
}

function lackOfContact(proposed: Resource): string | undefined {
  if (!isOfType(proposed, 'RelatedPerson')) return undefined;
  const isNamed = (proposed.name ?? []).some(({ text, family, given }) => text ?? family ?? given?.[0]);
  return isNamed && (proposed.telecom ?? []).length > 0
    ? undefined
    : 'A contact has a name and a way to be reached (telecom). What they may see is said by a Consent, not by this.';
}

/** Who is of the team, and nothing else of it. */
function lackOfTeam(proposed: Resource, seen: Resource | undefined): string | undefined {
  const kept: ReadonlySet<string> = new Set(['participant', 'id', 'meta', 'text']);
  const [wanted, known]: [Partial<r4.CareTeam>, Partial<r4.CareTeam>] = [
    { ...proposed } as object,
    { ...seen } as object,
  ];
  const names = new Set([...Object.keys(wanted), ...Object.keys(known)]);
  const other = [...names].find(
    (name) => !kept.has(name) && Object.hasOwn(wanted, name) && !isSame(proposed[name], seen?.[name]),
  );
  return other === undefined ? undefined : `Of a care team its members are proposed, and not ${other}.`;
}
