import type { Clock } from '../../../base/clock.ts';
import { ok, type Result } from '../../../base/errors.ts';
import { stableId } from '../../../base/ids.ts';
import { isSame } from '../../../fhir/merge/three-way.ts';
import { isMirror } from '../../../fhir/mirror.ts';
import { isOfType } from '../../../fhir/of-type.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import { isSync } from '../../../store/sync-actor.ts';
import type { Change, Reader, Tx, WriteConclusion } from '../../../store/types.ts';
import { refuse } from '../../business-rule.ts';
import { localId } from '../../local-id.ts';
import { currentOf } from '../../stored.ts';
import { isPlain } from '../../team/plain.ts';
import { contactOf, isContact, staffOf } from '../contact-of.ts';
import { activitySystem } from '../modes.ts';
import { functionIn, functionSystem, isCharge, outOfScopeUrl } from './effort-of.ts';
import { staffRoleOf } from './staff-function.ts';
import { warnOfScope } from './warn-scope.ts';

const rule = 'effort-follows-contact';
const veryRestricted: r4.Coding = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'V' };
/** Of a ChargeItem that follows from a contact: what people decide about it. Everything else is the contact's. */
const decided: ReadonlySet<string> = new Set([
  ...['meta', 'text', 'status', 'account', 'note', 'costCenter', 'priceOverride', 'factorOverride', 'overrideReason'],
]);

/** The ChargeItem of one person's minutes in a contact. */
export function chargeId(encounterId: string, who: string): string {
  return stableId('effort', encounterId, who);
}

/**
 * Minutes of a contact become a ChargeItem for each of the team who was there, with child, episode, activity, person and function (S1.12): made, changed and
 * taken back with the Encounter. `not-billable` until somebody says otherwise, and without any code of billing.
 */
export const deriveCharges = (clock: Clock): WriteConclusion => ({
  name: rule,
  async conclude(changes, tx) {
    const own = checkWrittenByHand(changes, tx);
    if (!own.ok) return own;
    const visits = new Map<string, Change[]>();
    for (const change of changes)
      if (change.type === 'Encounter') visits.set(change.id, [...(visits.get(change.id) ?? []), change]);
    for (const [id, versions] of visits) {
      if (!versions.some(({ before, after }) => isTimed(before) || isTimed(after))) continue;
      const done = await derive(id, versions, tx, clock);
      if (!done.ok) return done;
    }
    return ok(undefined);
  },
});

function isTimed(visit: Resource | undefined): visit is Resource & r4.Encounter {
  return isOfType(visit, 'Encounter') && !isMirror(visit) && isContact(visit) && visit.length !== undefined;
}

async function derive(id: string, versions: readonly Change[], tx: Tx, clock: Clock): Promise<Result<void>> {
  const visit = versions.at(-1)?.after;
  const wanted = isTimed(visit) ? await chargesOf(tx, { ...visit, id }, versions.at(-1)) : [];
  const before = versions.flatMap((one) => (isTimed(one.before) ? staffOf(one.before) : []));
  const kept = new Set(wanted.map((one) => one.id));
  for (const charge of wanted) {
    const known = currentOf(await tx.read('ChargeItem', charge.id ?? ''));
    const written = await tx.update(known ? { ...decisionsOf(known), ...charge, status: statusOf(known) } : charge);
    if (!written.ok) return written;
    const warned = await warnOfScope(charge, tx, clock);
    if (!warned.ok) return warned;
  }
  for (const gone of new Set(before.map((who) => chargeId(id, who)))) {
    const known = kept.has(gone) ? undefined : currentOf(await tx.read('ChargeItem', gone));
    if (!isOfType(known, 'ChargeItem') || known.status === 'entered-in-error') continue;
    const written = await tx.update({ ...known, status: 'entered-in-error' });
    if (!written.ok) return written;
  }
  return ok(undefined);
}

function decisionsOf(known: Resource): object {
  return Object.fromEntries(Object.entries(known).filter(([name]) => decided.has(name)));
}

/** What was taken back counts again when the contact does. */
function statusOf(known: Resource): string {
  return known.status === 'entered-in-error' ? 'not-billable' : String(known.status);
}

/** One for each person of the team; none of a contact that is only planned, or in error. Also for a contact from before there were any. */
export async function chargesOf(
  reader: Reader,
  visit: Resource & r4.Encounter,
  change?: Pick<Change, 'stored'>,
): Promise<(Resource & r4.ChargeItem)[]> {
  const contact = contactOf(visit);
  if (contact?.minutes === undefined) return [];
  const episode = localId(visit.episodeOfCare?.[0], 'EpisodeOfCare');
  const enrolled = episode === undefined ? undefined : currentOf(await reader.read('EpisodeOfCare', episode));
  const security = await labelsOf(reader, visit, change);
  const charges: (Resource & r4.ChargeItem)[] = [];
  for (const who of contact.staff) {
    const role = await staffRoleOf(reader, who, enrolled);
    const named = (visit.participant ?? []).find((one) => one.individual?.reference?.split('/_history/')[0] === who);
    const does = functionIn(named?.type ?? []) ?? role.function;
    const isOut = role.scope !== undefined && !role.scope.has(contact.activity);
    charges.push({
      resourceType: 'ChargeItem',
      id: chargeId(visit.id ?? '', who),
      ...(security.length > 0 && { meta: { security } }),
      ...(isOut && { extension: [{ url: outOfScopeUrl, valueBoolean: true }] }),
      status: 'not-billable',
      code: { coding: [{ system: activitySystem, code: contact.activity }] },
      subject: visit.subject ?? {},
      ...(episode !== undefined && { context: { reference: `EpisodeOfCare/${episode}` } }),
      occurrencePeriod: { start: visit.period?.start, ...(visit.period?.end && { end: visit.period.end }) },
      performer: [
        { ...(does && { function: { coding: [{ system: functionSystem, code: does }] } }), actor: { reference: who } },
      ],
      quantity: { value: minutesOfOne(named?.period) ?? contact.minutes, unit: 'min', system: ucum, code: 'min' },
      supportingInformation: [{ reference: `Encounter/${visit.id}` }],
    });
  }
  return charges;
}

const ucum = 'http://unitsofmeasure.org';

/** Of somebody who was there for a part of it. */
function minutesOfOne(period: r4.Period | undefined): number | undefined {
  const { start = '', end = '' } = period ?? {};
  if (!start.includes('T') || !end.includes('T')) return undefined;
  const minutes = Math.round((Date.parse(end) - Date.parse(start)) / 60_000);
  return minutes > 0 ? minutes : undefined;
}

/** What a contact tells is kept with its minutes: its labels, and where it is confidential without one, the strictest. */
async function labelsOf(
  reader: Reader,
  visit: Resource & r4.Encounter,
  change: Pick<Change, 'stored'> | undefined,
): Promise<r4.Coding[]> {
  const labels = visit.meta?.security ?? [];
  if (labels.length > 0 || change === undefined) return labels;
  return (await isPlain(reader, change.stored)) ? [] : [veryRestricted];
}

/** What follows from a contact is changed there: only what people decide about it (its status, a price) is theirs. Nobody deletes it. */
function checkWrittenByHand(changes: readonly Change[], tx: Tx): Result<void> {
  if (isSync(tx.actor)) return ok(undefined);
  for (const { type, id, before, after } of changes) {
    if (type !== 'ChargeItem' || !(follows(id, before) || follows(id, after))) continue;
    const isOwn = before !== undefined && after !== undefined && isSame(factsOf(before), factsOf(after));
    const isTakenBack = after?.status === 'entered-in-error' && before?.status !== 'entered-in-error';
    if (isOwn && !isTakenBack) continue;
    const text =
      'These minutes follow from a contact: change the Encounter instead. Of the ChargeItem itself only what is decided about it changes (status, price, account, notes).';
    return refuse(rule, text, 'ChargeItem');
  }
  return ok(undefined);
}

function follows(id: string, charge: Resource | undefined): boolean {
  if (!isCharge(charge)) return false;
  const visit = (charge.supportingInformation ?? []).map((one) => localId(one, 'Encounter')).find(Boolean);
  const who = charge.performer?.[0]?.actor?.reference;
  return visit !== undefined && who !== undefined && id === chargeId(visit, who);
}

function factsOf(charge: Resource): object {
  return Object.fromEntries(Object.entries(charge).filter(([name]) => !decided.has(name)));
}
