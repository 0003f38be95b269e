import { visibilityOf } from '../../access/decide.ts';
import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { dataOperationSystem, ofPatient, participantTypeSystem } from '../../fhir/provenance.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import type { Actor, Tx, Written } from '../../store/types.ts';
import { localId } from '../local-id.ts';
import { currentOf } from '../stored.ts';
import { childSeen, mayWriteFor } from './ask-child.ts';
import { withLabels } from './extracted.ts';
import { findForm } from './find-form.ts';
import { isTooLarge } from './items.ts';
import { part, privateLabels } from './private-answers.ts';

interface Deps {
  clock: Clock;
}

/**
 * `POST QuestionnaireResponse/$submit`: keeps a completed response; what is answered in private goes to a restricted response of its own that even its
 * writer does not read again, because others may use the same phone. One transaction. Errors: `unprocessable` with every problem of the answers,
 * `not-found` for a child that the caller does not see, `forbidden` for one that the caller may not hand in answers about.
 */
export function submitOperation(deps: Deps): Operation {
  return {
    name: 'submit',
    definition: `${canonicalBase}/OperationDefinition/submit`,
    level: 'type',
    resourceType: 'QuestionnaireResponse',
    affectsState: true,
    parameters: ['resource'],
    requires: [['QuestionnaireResponse', 'c']],
    handle: (request) => handle(request, deps),
  };
}

type Response = Resource & r4.QuestionnaireResponse;

async function handle(request: OperationRequest, deps: Deps): Promise<Result<Resource>> {
  const { store, principal } = request;
  const given = await readGiven(request, deps);
  if (!given.ok) return given;
  const childId = localId(given.value.subject, 'Patient') ?? '';
  const child = await childSeen(request, childId);
  if (!child.ok) return child;
  if (!mayWriteFor(request, 'QuestionnaireResponse', childId, 'c'))
    return fail('forbidden', 'This write reaches outside of what the token allows.');
  const form = await findForm(store, given.value.questionnaire);
  if (!form.ok) return form;
  if (!form.value) return fail('unprocessable', 'The form of the response is not kept here.', { code: 'not-found' });
  if (isTooLarge(form.value, given.value)) return fail('too-large', 'The response has more items than are looked at.');
  const labels = privateLabels(form.value);
  const { open, apart } = part(form.value, given.value);
  const { resourceType } = given.value;
  const actor: Actor = {
    kind: principal.kind,
    id: principal.id,
    requestId: request.requestId,
    clientId: principal.clientId,
  };
  return store.transact(actor, async (tx) => {
    for (const { questionnaire, item } of apart) {
      const kept = await keepApart(tx, { ...open, resourceType, questionnaire, item: [item] }, deps);
      if (!kept.ok) return kept;
    }
    if (labels.length > 0) {
      const kept = await keepApart(tx, { ...open }, deps);
      return kept.ok ? ok(received()) : kept;
    }
    const written = await tx.create({ ...open });
    if (!written.ok) return written;
    if (!(await tx.sees(visibilityOf(principal, 'c'), written.value.stored)))
      return fail('forbidden', 'This write reaches outside of what the token allows.');
    const seen = await tx.sees(visibilityOf(principal, 'r'), written.value.stored);
    return ok((seen && currentOf(written.value.stored)) || received());
  });
}

async function readGiven(request: OperationRequest, { clock }: Deps): Promise<Result<Response>> {
  const given = request.parameters.resource('resource');
  if (!isOfType(given, 'QuestionnaireResponse'))
    return fail('invalid', 'resource has to be a QuestionnaireResponse.', { code: 'required' });
  if (given.status !== 'completed')
    return fail('unprocessable', 'A response that is handed in has the status completed.', { code: 'business-rule' });
  if (given.contained) return fail('unprocessable', 'A response that is handed in contains no other resources.');
  const checked = await request.check?.(given);
  if (!checked?.ok) return checked ?? fail('internal', 'Nothing can be written here.');
  const { id: _, meta, text: _text, ...content } = given;
  const me = request.principal.fhirUser;
  const isFamily = /^(RelatedPerson|Patient)\//.test(me ?? '');
  const names = [content.author?.reference, content.source?.reference].filter((name) => name !== undefined);
  if (isFamily && names.some((name) => name !== me))
    return fail('unprocessable', 'Who hands in answers is their author and source.', { code: 'business-rule' });
  const author = me !== undefined && /^(Practitioner|PractitionerRole|RelatedPerson|Patient)\//.test(me);
  return ok({
    ...content,
    ...(meta?.security && { meta: { security: meta.security } }),
    authored: content.authored ?? clock.now().toISOString(),
    ...(author && !content.author && { author: { reference: me } }),
    ...(isFamily && !content.source && { source: { reference: me } }),
  });
}

/** With a Provenance of its own: one that told of both would be missing for whoever is not told of this one. */
async function keepApart(tx: Tx, response: Response, { clock }: Deps): Promise<Result<void>> {
  const form = await findForm(tx, response.questionnaire);
  if (!form.ok) return form;
  const labels = form.value ? privateLabels(form.value) : [];
  if (labels.length === 0)
    return fail('unprocessable', 'The form of the answers that are kept apart is not here.', { code: 'not-found' });
  const labelled = withLabels(response, { ...response, meta: { security: labels } });
  const written = await tx.create(labelled);
  if (!written.ok) return written;
  const recorded = await tx.create(provenance(written.value, response, labels, { tx, clock }));
  return recorded.ok ? ok(undefined) : recorded;
}

function provenance(
  { stored }: Written,
  response: Response,
  labels: r4.Coding[],
  { tx, clock }: { tx: Tx; clock: Clock },
): Resource {
  const who = /^(Practitioner|PractitionerRole|RelatedPerson|Patient)\//.test(tx.actor.id)
    ? { reference: tx.actor.id }
    : { identifier: { value: tx.actor.id } };
  const told: r4.Provenance = {
    resourceType: 'Provenance',
    meta: { security: labels },
    target: [{ reference: `${stored.type}/${stored.id}/_history/${stored.version}` }],
    recorded: clock.now().toISOString(),
    activity: { coding: [{ system: dataOperationSystem, code: 'CREATE' }] },
    agent: [{ type: { coding: [{ system: participantTypeSystem, code: 'author' }] }, who }],
  };
  return ofPatient({ ...told }, localId(response.subject, 'Patient'));
}

function received(): Resource {
  const issue = [{ severity: 'information', code: 'informational', diagnostics: 'The answers were received.' }];
  return { resourceType: 'OperationOutcome', issue };
}
