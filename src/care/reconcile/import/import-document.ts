import { visibilityOf } from '../../../access/decide.ts';
import type { Policy } from '../../../access/policy/compile.ts';
import type { Clock } from '../../../base/clock.ts';
import { fail, ok, type Result } from '../../../base/errors.ts';
import { limits } from '../../../base/limits.ts';
import { isOfType } from '../../../fhir/of-type.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import type { OperationRequest } from '../../../module.ts';
import { currentOf } from '../../stored.ts';
import { agentOf } from '../agent-of.ts';
import { entriesIn, locationOf } from '../bundle-answer.ts';
import { readCcda } from './ccda/read-ccda.ts';
import { readTable } from './csv/read-table.ts';
import { isKnown } from './known.ts';
import { type Draft, draftOf, entriesOf } from './legacy-bundle.ts';
import type { LegacyPlan } from './legacy-plan.ts';
import { claiming, missingOf } from './missing.ts';
import { originalLabels } from './original-labels.ts';
import { checkSameChild } from './same-child.ts';
import { withoutKnown } from './without-known.ts';

export interface ImportDeps {
  clock: Clock;
  /** The privacy policy in force, for the label of what is kept as it came; absent: nobody knows what it says, and it is restricted. */
  policy?: () => Promise<Policy | undefined>;
}

/** A plan that can be written: for whom, what, and what our profile misses in it. */
interface Ready {
  patientId: string;
  legacy: LegacyPlan;
  draft: Draft;
  missing: readonly string[];
}

/**
 * A document in a Binary: a C-CDA Care Plan (`text/xml`, `application/xml`, `application/cda+xml`) of the child that `patient` names, or a table of
 * plans (`text/csv`) that names its children itself. All plans of it are written in one transaction, or none.
 */
export async function importDocument(
  { contentType, data = '' }: r4.Binary,
  request: OperationRequest,
  { clock, policy }: ImportDeps,
): Promise<Result<Resource>> {
  const text = textOf(data);
  if (!text.ok) return text;
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  const read = await plansIn(type, text.value, request);
  if (!read.ok) return read;
  const inForce = await policy?.();
  const ready: Ready[] = [];
  for (const one of read.value) {
    const prepared = await prepare(one, request, inForce);
    if (!prepared.ok) return prepared;
    ready.push(prepared.value);
  }
  return write(ready, request, clock);
}

function textOf(data: string): Result<string> {
  const bytes = Buffer.from(data, 'base64');
  if (bytes.length > limits.care.documentBytes) return fail('too-large', 'The document is too large.');
  try {
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return fail('invalid', 'The document has to be text in UTF-8.', { code: 'structure' });
  }
}

type Found = { patientId: string; legacy: LegacyPlan };

async function plansIn(type: string, text: string, request: OperationRequest): Promise<Result<Found[]>> {
  if (type === 'text/csv') {
    if (request.parameters.text('patient') !== undefined)
      return fail('invalid', 'A table names its children itself: patient is for a C-CDA document.', { code: 'value' });
    return readTable(text, request);
  }
  if (!['text/xml', 'application/xml', 'application/cda+xml', 'application/hl7-cda+xml'].includes(type))
    return fail('invalid', 'The contentType of a document is text/xml (C-CDA) or text/csv.', { code: 'value' });
  const asked = request.parameters.text('patient');
  const patientId = /^(?:Patient\/)?([A-Za-z0-9.-]{1,64})$/.exec(asked ?? '')?.[1];
  if (patientId === undefined)
    return fail('invalid', 'patient names the child whom the document is about, as Patient/id.', { code: 'required' });
  const child = await seenChild(patientId, request);
  if (!child) return fail('not-found', 'There is no such child here.');
  const legacy = readCcda(text, { reference: `Patient/${patientId}` });
  if (!legacy.ok) return legacy;
  const same = checkSameChild(legacy.value.person, child);
  return same.ok ? ok([{ patientId, legacy: legacy.value }]) : same;
}

export async function seenChild(id: string, { store, principal }: OperationRequest): Promise<r4.Patient | undefined> {
  const found = currentOf(await store.readSeen('Patient', id, visibilityOf(principal, 'r')));
  return isOfType(found, 'Patient') ? found : undefined;
}

async function prepare(
  { patientId, legacy: sent }: Found,
  request: OperationRequest,
  policy: Policy | undefined,
): Promise<Result<Ready>> {
  const fresh = await withoutKnown(sent, patientId, request);
  if (!fresh.ok) return fresh;
  const legacy = fresh.value;
  const draft = draftOf(legacy, patientId, originalLabels(sent, policy));
  const before = await isKnown(draft.converted.key, request);
  if (!before.ok) return before;
  if (before.value) return fail('conflict', 'This plan has been imported already.');
  const [plan] = draft.entries;
  if (!plan) return fail('internal', 'A plan came to nothing.');
  const missing = await missingOf({ plan: plan.resource, planUrl: plan.fullUrl }, request);
  if (!missing.ok) return missing;
  if (missing.value.length === 0) plan.resource = claiming(plan.resource);
  return ok({ patientId, legacy, draft, missing: missing.value });
}

async function write(ready: readonly Ready[], request: OperationRequest, clock: Clock): Promise<Result<Resource>> {
  const { transact, principal } = request;
  if (!transact) return fail('not-allowed', 'Nothing can be written here.');
  const agent = agentOf(principal);
  const parts = ready.map(({ draft, patientId }) => entriesOf(draft, { patientId, now: clock.now(), agent }));
  const written = await transact({ resourceType: 'Bundle', type: 'transaction', entry: parts.flat() });
  if (!written.ok) return written;
  const locations = entriesIn(written.value).map((entry) => locationOf(entry.response?.location));
  let at = 0;
  const parameter = ready.flatMap((one, index): r4.ParametersParameter[] => {
    const count = parts[index]?.length ?? 0;
    const own = locations.slice(at, at + count);
    at += count;
    return answerOf(one, own);
  });
  return ok({ resourceType: 'Parameters', parameter });
}

/** As for a CarePlan; of several plans in one part each. */
function answerOf({ draft, missing, legacy }: Ready, locations: readonly (string | undefined)[]) {
  const references = locations.map((reference) => ({ reference: reference ?? '' }));
  const activities = draft.converted.activities.length;
  const last = draft.entries.length - 1;
  const value = (name: string, valueReference: r4.Reference | undefined): r4.ParametersParameter[] =>
    valueReference ? [{ name, valueReference }] : [];
  const part: r4.ParametersParameter[] = [
    ...value('plan', references[0]),
    { name: 'conforms', valueBoolean: missing.length === 0 },
    ...missing.map((text) => ({ name: 'missing', valueString: text })),
    ...legacy.leftOut.map((text) => ({ name: 'left-out', valueString: text })),
    ...references.slice(1, 1 + activities).flatMap((one) => value('activity', one)),
    ...references.slice(1 + activities, last).flatMap((one) => value('record', one)),
    ...value('document', references[last]),
  ];
  return [{ name: 'imported', part }];
}
