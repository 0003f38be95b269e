import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { dateRange } from '../../fhir/date-range.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationParameters, OperationRequest } from '../../module.ts';
import { authorize, visibilityOf } from '../decide.ts';
import type { Principal } from '../types.ts';
import { type Act, acts } from './acts.ts';
import { eventsOfPatient, type KeptEvent } from './find.ts';
import { mayReadTrail } from './may-read.ts';
import { isEmergency } from './render.ts';
import type { Sealer } from './seal.ts';
import { type Shown, shownTo, shownWhole } from './shown-to-family.ts';
import { isFamily, type WhoWords, whoWords } from './who-words.ts';
import { actionOf, kindsOf, type Word, wordCoding } from './words.ts';

interface Deps {
  sealer: Pick<Sealer, 'seal'>;
  clock: Clock;
}

/**
 * `Patient/[id]/$access-log`: who looked at or changed a child's record, newest first, in words for families. For the patient, for a proxy
 * (without what is hidden from that proxy: PP-48), and for a privacy officer. `since` and `until`: dates (a year back); `_count`.
 */
export function accessLog(deps: Deps): Operation {
  return {
    name: 'access-log',
    definition: `${canonicalBase}/OperationDefinition/access-log`,
    level: 'instance',
    resourceType: 'Patient',
    affectsState: false,
    parameters: ['since', 'until', '_count'],
    requires: [],
    handle: (request) => handle(request, deps),
  };
}

/** Everything that is done with records; how people sign in is not about a child. */
const told = (Object.keys(acts) as Act[]).filter(
  (act) => acts[act].type === 'rest' && act !== 'none' && act !== 'batch',
);

interface Viewer {
  kind: 'patient' | 'proxy' | 'officer';
  person?: string;
}

async function handle(request: OperationRequest, deps: Deps): Promise<Result<Resource>> {
  const { principal, store, id = '', parameters } = request;
  const viewer = await viewerOf(request);
  if (!viewer.ok) return viewer;
  const asked = askedOf(parameters, deps.clock.now());
  if (!asked.ok) return asked;
  const sealed = await deps.sealer.seal();
  if (!sealed.ok) return sealed;
  const { kind, person } = viewer.value;
  const visibility = kind === 'officer' ? ({ kind: 'all' } as const) : visibilityOf(principal, 'r');
  const shown = kind === 'proxy' ? shownTo(store, visibility, id) : shownWhole(store, id);
  const named = { patientId: id, ...(person !== undefined && { viewer: person }) };
  const who = await whoWords(store, visibility, named);
  const events: r4.ParametersParameter[] = [];
  let hasMore = false;
  for await (const event of eventsOfPatient(store, id, {
    acts: told,
    outcomes: ['success', 'refused'],
    ...asked.value,
  })) {
    if (kind === 'proxy' && isOtherFamily(event, person)) continue;
    const words = who(event.entry);
    // Of what was refused a family is told where it decides itself who is told what: of partners.
    if (event.entry.outcome === 'refused' && !(words.word === 'partner' && isDenied(event))) continue;
    const part = await partOf(event, shown, words, kind === 'proxy');
    if (part && events.length === asked.value.count) hasMore = true;
    if (hasMore) break;
    if (part) events.push(part);
  }
  const more = hasMore ? [{ name: 'more', valueBoolean: true }] : [];
  return ok({ resourceType: 'Parameters', parameter: [...events, ...more] });
}

/** Neither proxy learns of the other, nor what the young person looks at (PP-07, PP-48). */
function isOtherFamily({ entry }: KeptEvent, viewer: string | undefined): boolean {
  return entry.person !== undefined && entry.person !== viewer && isFamily(entry.person);
}

const isDenied = ({ entry }: KeptEvent) => entry.status === 403 || entry.status === 404;

async function partOf(
  event: KeptEvent,
  shown: Shown,
  who: WhoWords,
  isProxy: boolean,
): Promise<r4.ParametersParameter | undefined> {
  const own = await shown.ofEvent(event);
  if (own === undefined) return undefined;
  const kinds: Word[] = own.length > 0 ? kindsOf(own) : ['nothing'];
  const emergency = !isProxy && isEmergency(event.entry, event.patients);
  return {
    name: 'event',
    part: [
      { name: 'when', valueInstant: event.entry.at },
      { name: 'who', valueCoding: wordCoding(who.word) },
      ...(who.text === undefined ? [] : [{ name: 'whoText', valueString: who.text }]),
      { name: 'action', valueCoding: wordCoding(actionOf(event.entry.act)) },
      ...kinds.map((kind) => ({ name: 'what', valueCoding: wordCoding(kind) })),
      // Who was told nothing, because it was not for them or there was nothing.
      ...(event.entry.outcome === 'refused' ? [{ name: 'denied', valueBoolean: true }] : []),
      ...(emergency ? [{ name: 'emergency', valueBoolean: true }] : []),
    ],
  };
}

/** Error `not-found` for a patient that is hidden or absent, `forbidden` for whom this log is not. */
async function viewerOf({ principal, store, id = '' }: OperationRequest): Promise<Result<Viewer>> {
  if ((await mayReadTrail(store, principal, 's')).ok)
    return ok({ kind: 'officer', ...(principal.fhirUser !== undefined && { person: principal.fhirUser }) });
  const visible = authorize(principal, 'Patient', 'r');
  if (!visible.ok) return visible;
  const person = familyMember(principal);
  if (person === undefined)
    return fail('forbidden', 'The access log is for the patient, for families and for privacy officers.');
  const patient = await store.readSeen('Patient', id, visible.value);
  if (!patient || patient.deleted) return fail('not-found', 'There is no such Patient.');
  return ok({ kind: person === `Patient/${id}` ? 'patient' : 'proxy', person });
}

function familyMember({ kind, fhirUser }: Principal): string | undefined {
  return kind === 'user' && fhirUser !== undefined && isFamily(fhirUser) ? fhirUser : undefined;
}

function askedOf(parameters: OperationParameters, now: Date): Result<{ from: string; until?: string; count: number }> {
  const yearAgo = new Date(now);
  yearAgo.setUTCFullYear(yearAgo.getUTCFullYear() - 1);
  const [since, until, count] = ['since', 'until', '_count'].map((name) => parameters.text(name));
  const from = since === undefined ? yearAgo.toISOString() : dateRange(since)?.start;
  const end = until === undefined ? undefined : dateRange(until)?.end;
  if (from === undefined || (until !== undefined && end === undefined))
    return fail('invalid', 'since and until take a date or an instant.', { code: 'value' });
  if (count !== undefined && !/^[1-9]\d{0,8}$/.test(count))
    return fail('invalid', '_count takes a whole number from 1.', { code: 'value' });
  const { defaultCount, maxCount } = limits.audit;
  return ok({
    from,
    ...(end !== undefined && { until: end }),
    count: Math.min(Number(count ?? defaultCount), maxCount),
  });
}
