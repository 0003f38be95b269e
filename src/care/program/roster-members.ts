import { localReference } from '../../fhir/plan-view/index-of.ts';
import type { r4 } from '../../fhir/types.ts';
import { localId } from '../local-id.ts';
import { dayOf } from './enrollment.ts';

/** Da Vinci Member Attribution (ATR): to whom a member of the list is attributed. */
export const attributedProviderUrl = 'http://hl7.org/fhir/us/davinci-atr/StructureDefinition/ext-attributedProvider';

/** The members that a roster of one month names: child to practice or clinician (a reference), if it says one. */
export type Roster = ReadonlyMap<string, string | undefined>;

export interface Outcome {
  members: r4.GroupMember[];
  added: number;
  kept: number;
  ended: number;
}

/**
 * The members of a panel after a monthly roster (S0.1): who is new belongs to it from the first of the month, who is missing until the last day of
 * the month before; of whom it is uncertain (`uncertain`) nothing changes; nobody is taken off, so that it can be said of every date who belonged to it. A month that is imported again corrects itself.
 */
export function nextMembers(
  before: readonly r4.GroupMember[],
  roster: Roster,
  month: string,
  uncertain: ReadonlySet<string> = new Set(),
): Outcome {
  const first = `${month}-01`;
  const last = new Date(Date.parse(`${first}T00:00:00Z`) - 24 * 3_600_000).toISOString().slice(0, 10);
  const members: r4.GroupMember[] = [];
  const placed = new Set<string>();
  let kept = 0;
  let ended = 0;
  for (const member of before) {
    const child = localId(member.entity, 'Patient');
    // What people put in that is no child is theirs, and a doubt ends nobody's membership.
    if (child === undefined || (uncertain.has(child) && !roster.has(child))) {
      members.push(member);
      continue;
    }
    const isWanted = roster.has(child) && attributedTo(member) === roster.get(child) && !placed.has(child);
    const end = dayOf(member.period?.end);
    const isOpen = end === undefined || end === last;
    if (isWanted && isOpen) {
      placed.add(child);
      kept += 1;
      members.push(end === undefined ? member : reopened(member));
    } else if (!isOpen) {
      members.push(member);
    } else if (dayOf(member.period?.start) !== first) {
      if (end === undefined) ended += 1;
      members.push({ ...member, period: { ...member.period, end: last }, inactive: true });
    }
  }
  const fresh = [...roster].filter(([child]) => !placed.has(child));
  return {
    members: [...members, ...fresh.map(([child, practice]) => newMember(child, practice, first))],
    added: fresh.length,
    kept,
    ended,
  };
}

export function attributedTo({ extension = [] }: r4.GroupMember): string | undefined {
  return localReference(extension.find(({ url }) => url === attributedProviderUrl)?.valueReference);
}

function reopened(member: r4.GroupMember): r4.GroupMember {
  const { inactive: _, period, ...rest } = member;
  const { end: __, ...open } = period ?? {};
  return { ...rest, period: open };
}

function newMember(child: string, practice: string | undefined, start: string): r4.GroupMember {
  const extension =
    practice === undefined ? [] : [{ url: attributedProviderUrl, valueReference: { reference: practice } }];
  return {
    ...(extension.length > 0 && { extension }),
    entity: { reference: `Patient/${child}` },
    period: { start },
  };
}

/** True when the member belonged to the group on that day. Without a period, what `inactive` says. */
export function belongsOn({ period, inactive }: Pick<r4.GroupMember, 'period' | 'inactive'>, day: string): boolean {
  if (period === undefined) return inactive !== true;
  return (dayOf(period.start) ?? day) <= day && (dayOf(period.end) ?? day) >= day;
}
