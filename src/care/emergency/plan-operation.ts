import { visibleInDocuments } from '../../access/decide.ts';
import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import type { Store, Visibility } from '../../store/types.ts';
import type { Told } from '../plan/document-operation.ts';
import { currentOf, resourceOf } from '../stored.ts';
import { emergencyContent } from './content/content.ts';
import type { EmergencyContent, PrintedLink } from './content/types.ts';
import { readEmergencyRecord } from './record.ts';
import { emergencyBundle } from './render/composition.ts';
import { emergencyHtml } from './render/html.ts';
import { emergencyPdf } from './render/pdf.ts';
import { type PlanState, readState, reasonsAt } from './state-row.ts';
import type { ReasonCode } from './triggers.ts';
import { english, languages, type Words, wordsIn } from './words.ts';

export interface PlanOperationDeps {
  clock: Clock;
  zone: string;
  baseUrl: string;
  told: Told;
}

const html = 'text/html';
const pdf = 'application/pdf';

/**
 * `GET Patient/[id]/$emergency-plan`: the child's emergency plan as the caller may be told it, from the record of this moment: a document Bundle, a page
 * or a PDF (`_format`), with our words in English or Spanish (`language`). Errors: `not-found` without a plan in force, or without a child, that this
 * caller sees.
 */
export function emergencyPlanOperation(deps: PlanOperationDeps): Operation {
  return {
    name: 'emergency-plan',
    definition: `${canonicalBase}/OperationDefinition/emergency-plan`,
    level: 'instance',
    resourceType: 'Patient',
    affectsState: false,
    formats: [html, pdf],
    parameters: ['language'],
    requires: [
      ['Patient', 'r'],
      ['CarePlan', 'r'],
    ],
    handle: (request) => handle(request, deps),
  };
}

async function handle(request: OperationRequest, deps: PlanOperationDeps): Promise<Result<Resource>> {
  const language = request.parameters.text('language') ?? 'en';
  if (!wordsIn(language))
    return fail('invalid', `language has to be one of ${languages.join(', ')}.`, { code: 'value' });
  return emergencyDocument(request, deps, { language });
}

/** The plan in the format that is asked for; with a link to it, the page and the PDF have that as a QR code. */
export async function emergencyDocument(
  request: Pick<OperationRequest, 'id' | 'principal' | 'store' | 'format'>,
  deps: PlanOperationDeps,
  { language, link }: { language: string; link?: PrintedLink },
): Promise<Result<Resource>> {
  const { id = '', principal, store, format } = request;
  const words = wordsIn(language) ?? english;
  const absent = fail('not-found', 'There is no such emergency plan here.');
  const seen = visibleInDocuments(principal);
  const patient = currentOf(await store.readSeen('Patient', id, seen));
  if (patient === undefined) return absent;
  const record = await readEmergencyRecord(store, id, seen);
  if (!record.ok) return record;
  const state = await readState(store, id);
  const checker = state === undefined ? undefined : await checkerOf(state, store, seen);
  const told = await deps.told(principal, [
    ...record.value,
    ...(checker && !has(record.value, checker) ? [checker] : []),
  ]);
  const now = deps.clock.now();
  const reasons = state === undefined ? [] : await toldReasons(state, now, store, seen);
  const plain = contentOf(told, words, now, deps.zone, state && { state, reasons });
  if (plain === undefined) return absent;
  const content = link ? { ...plain, link } : plain;
  if (format === html) return ok(binary(html, Buffer.from(emergencyHtml(content), 'utf8')));
  if (format === pdf) return ok(binary(pdf, await emergencyPdf(content, now)));
  return ok(emergencyBundle(content, told, { baseUrl: deps.baseUrl, now, reasons }));
}

function contentOf(
  told: readonly Resource[],
  words: Words,
  now: Date,
  zone: string,
  standing: { state: PlanState; reasons: readonly ReasonCode[] } | undefined,
): EmergencyContent | undefined {
  const state = standing && {
    reasons: standing.reasons,
    reviewedAt: standing.state.reviewedAt,
    dueAt: standing.state.dueAt,
    ...(standing.state.reviewedBy !== undefined && { reviewedBy: standing.state.reviewedBy }),
  };
  return emergencyContent(told, { words, now, zone, ...(state && { state }) });
}

/** Why the plan is due, as far as this reader may know the records that say so: to somebody else nothing happened. */
async function toldReasons(state: PlanState, now: Date, store: Store, seen: Visibility): Promise<ReasonCode[]> {
  const found: ReasonCode[] = [];
  for (const { code, record } of reasonsAt(state, now)) {
    const [type = '', id = ''] = record?.split('/') ?? [];
    const isTold = record === undefined || currentOf(await store.readSeen(type, id, seen)) !== undefined;
    if (isTold) found.push(code);
  }
  return found;
}

/** Whoever held the last check, to be named. */
async function checkerOf({ reviewedBy }: PlanState, store: Store, seen: Visibility): Promise<Resource | undefined> {
  const [, type, id] =
    /^(Practitioner|PractitionerRole|Organization)\/([A-Za-z0-9.-]{1,64})$/.exec(reviewedBy ?? '') ?? [];
  if (type === undefined || id === undefined) return undefined;
  const stored = await store.readSeen(type, id, seen);
  return stored && !stored.deleted ? resourceOf(stored) : undefined;
}

function has(resources: readonly Resource[], wanted: Resource): boolean {
  return resources.some(({ resourceType, id }) => resourceType === wanted.resourceType && id === wanted.id);
}

function binary(contentType: string, bytes: Buffer): Resource {
  return { resourceType: 'Binary', contentType, data: bytes.toString('base64') };
}
