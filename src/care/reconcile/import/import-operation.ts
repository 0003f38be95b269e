import { visibilityOf } from '../../../access/decide.ts';
import { fail, ok, type Result } from '../../../base/errors.ts';
import { isMirror } from '../../../fhir/mirror.ts';
import { isOfType } from '../../../fhir/of-type.ts';
import { canonicalBase } from '../../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../../module.ts';
import { localId } from '../../local-id.ts';
import { currentOf } from '../../stored.ts';
import { agentOf } from '../agent-of.ts';
import { entriesIn, locationOf } from '../bundle-answer.ts';
import { type Converted, convert, importBundle } from './converted.ts';
import { type ImportDeps, importDocument } from './import-document.ts';
import { isKnown } from './known.ts';
import { claiming, missingOf } from './missing.ts';

/**
 * `POST CarePlan/$import`: takes a plan from elsewhere, makes its written-out activities Tasks and requests (decision D2) and keeps what was sent, word for
 * word, in Provenance. A plan that meets our profile claims it; of another the answer lists what is missing, and it is kept all the same. The
 * same plan twice is a 409. A Binary holds a C-CDA document or a table of plans (`import-document.ts`). Answers with Parameters
 * (OperationDefinition/import).
 */
export function importOperation(deps: ImportDeps): Operation {
  return {
    name: 'import',
    definition: `${canonicalBase}/OperationDefinition/import`,
    level: 'type',
    resourceType: 'CarePlan',
    affectsState: true,
    parameters: ['resource', 'patient'],
    requires: [
      ['Patient', 'r'],
      ['CarePlan', 'rcs'],
      ['Task', 'c'],
      ['ServiceRequest', 'c'],
      ['Provenance', 'c'],
    ],
    handle: (request) => handle(request, deps),
  };
}

async function handle(request: OperationRequest, deps: ImportDeps): Promise<Result<Resource>> {
  const { store, principal, parameters, transact } = request;
  const sent = parameters.resource('resource');
  if (isOfType(sent, 'Binary')) return importDocument(sent, request, deps);
  if (!isOfType(sent, 'CarePlan'))
    return fail('invalid', 'resource is the CarePlan to import, or a document in a Binary.', { code: 'required' });
  if (parameters.text('patient') !== undefined)
    return fail('invalid', 'A CarePlan names its child itself: patient is for a C-CDA document.', { code: 'value' });
  if (isMirror(sent)) return fail('invalid', 'A meta.source of a hospital is for the sync.', { code: 'value' });
  const valid = await check(sent, request);
  if (!valid.ok) return valid;
  const patientId = localId(sent.subject, 'Patient');
  const seen = visibilityOf(principal, 'r');
  const child = patientId === undefined ? undefined : currentOf(await store.readSeen('Patient', patientId, seen));
  if (patientId === undefined || !child) return fail('not-found', 'There is no such child here.');
  const converted = convert(sent);
  const before = await isKnown(converted.key, request);
  if (!before.ok) return before;
  if (before.value) return fail('conflict', 'This plan has been imported already.');
  const missing = await missingOf(converted, request);
  if (!missing.ok) return missing;
  if (!transact) return fail('not-allowed', 'Nothing can be written here.');
  const plan = missing.value.length === 0 ? claiming(converted.plan) : converted.plan;
  const bundle = importBundle({ ...converted, plan }, { patientId, now: deps.clock.now(), agent: agentOf(principal) });
  const written = await transact(bundle);
  return written.ok ? ok(answerOf(converted, missing.value, written.value)) : written;
}

/** What was sent may claim profiles of elsewhere: it is held against the base definitions before anything is made of it. */
async function check(
  { meta: _meta, ...sent }: Resource & r4.CarePlan,
  request: OperationRequest,
): Promise<Result<void>> {
  return request.check ? request.check({ ...sent, resourceType: 'CarePlan' }) : ok(undefined);
}

function answerOf({ activities }: Converted, missing: readonly string[], response: Resource): Resource {
  const locations = entriesIn(response).map((entry) => locationOf(entry.response?.location));
  const parameter: r4.ParametersParameter[] = [
    { name: 'plan', valueReference: { reference: locations[0] ?? '' } },
    { name: 'conforms', valueBoolean: missing.length === 0 },
    ...missing.map((text) => ({ name: 'missing', valueString: text })),
    ...activities.map((_, index) => ({ name: 'activity', valueReference: { reference: locations[index + 1] ?? '' } })),
  ];
  return { resourceType: 'Parameters', parameter };
}
