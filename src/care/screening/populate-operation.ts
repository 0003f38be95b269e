import { visibilityOf } from '../../access/decide.ts';
import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { type FhirPath, withinMs } from '../../fhir/fhirpath.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { parseReference } from '../../fhir/references.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { foundBy, orderedBy, where } from '../found.ts';
import { currentOf } from '../stored.ts';
import { childSeen } from './ask-child.ts';
import { findForm } from './find-form.ts';
import { isTooLarge, itemsOf } from './items.ts';
import { populate } from './populate.ts';
import { extension, sdc } from './sdc.ts';

/**
 * `Questionnaire/$populate` and `Questionnaire/[id]/$populate` (SDC, OperationDefinition/Questionnaire-populate): a response under way, filled in
 * from what the caller may see of the child. `subject` is the child; the caller is the `user` of the launch context. Errors: `not-found` for
 * a child or a form that is not there for the caller.
 */
export function populateOperations(fhirPath: FhirPath, clock: Clock): Operation[] {
  const shared = {
    name: 'populate',
    definition: 'http://hl7.org/fhir/uv/sdc/OperationDefinition/Questionnaire-populate',
    resourceType: 'Questionnaire',
    affectsState: false,
    requires: [
      ['Questionnaire', 'r'],
      ['Patient', 'r'],
    ],
    handle: (request: OperationRequest) => handle(request, fhirPath, clock),
  } as const;
  return [
    { ...shared, level: 'type', parameters: ['canonical', 'questionnaire', 'subject'] },
    { ...shared, level: 'instance', parameters: ['subject'] },
  ];
}

async function handle(request: OperationRequest, fhirPath: FhirPath, clock: Clock): Promise<Result<Resource>> {
  const form = await askedForm(request);
  if (!form.ok) return form;
  if (isTooLarge(form.value)) return fail('too-large', 'The form has more items than are looked at.');
  const subject = parseReference(request.parameters.text('subject') ?? '');
  if (subject?.kind !== 'local' || subject.type !== 'Patient')
    return fail('invalid', 'subject has to be the child, as Patient/id.', { code: 'required' });
  const child = await childSeen(request, subject.id);
  if (!child.ok) return child;
  const user = await userOf(request);
  const observations = await linked(request, form.value, subject.id);
  if (!observations.ok) return observations;
  const launch = { patient: child.value, ...(user && { user }) };
  const now = clock.now();
  const known = { launch, observations: observations.value, now, fhirPath: withinMs(fhirPath, limits.care.formMs) };
  const { items, unusable } = populate(form.value, known);
  const { url, version } = form.value;
  const response: r4.QuestionnaireResponse = {
    resourceType: 'QuestionnaireResponse',
    ...(url !== undefined && { questionnaire: version === undefined ? url : `${url}|${version}` }),
    status: 'in-progress',
    subject: { reference: `Patient/${subject.id}` },
    authored: clock.now().toISOString(),
    ...(user && { author: { reference: `${user.resourceType}/${user.id}` } }),
    ...(items.length > 0 && { item: items }),
  };
  return ok({ resourceType: 'Parameters', parameter: [{ name: 'response', resource: response }, ...issues(unusable)] });
}

function issues(unusable: readonly string[]): r4.ParametersParameter[] {
  if (unusable.length === 0) return [];
  const issue = unusable.map((linkId) => {
    const diagnostics = `What the form asks for item ${linkId} gives nothing that can stand there.`;
    return { severity: 'warning' as const, code: 'incomplete' as const, diagnostics };
  });
  const outcome: r4.OperationOutcome = { resourceType: 'OperationOutcome', issue };
  return [{ name: 'issues', resource: outcome }];
}

async function askedForm({ id, store, principal, parameters }: OperationRequest): Promise<Result<r4.Questionnaire>> {
  const absent = fail('not-found', 'There is no such Questionnaire.');
  if (id !== undefined) {
    const seen = currentOf(await store.readSeen('Questionnaire', id, visibilityOf(principal, 'r')));
    return isOfType(seen, 'Questionnaire') ? ok(seen) : absent;
  }
  const given = parameters.resource('questionnaire');
  if (isOfType(given, 'Questionnaire')) return ok(given);
  const canonical = parameters.text('canonical');
  if (canonical === undefined)
    return fail('invalid', 'Say which form: canonical or questionnaire.', { code: 'required' });
  const found = await findForm(store, canonical);
  if (!found.ok) return found;
  return found.value ? ok(found.value) : absent;
}

/** Who asks, when they are a person whose record they may read. */
async function userOf({ principal, store }: OperationRequest): Promise<Resource | undefined> {
  const user = parseReference(principal.fhirUser ?? '');
  if (user?.kind !== 'local') return undefined;
  return currentOf(await store.readSeen(user.type, user.id, visibilityOf(principal, 'r')));
}

/** The newest Observations of the codes that the form looks back to, of those that the caller may search. */
async function linked(request: OperationRequest, form: r4.Questionnaire, childId: string): Promise<Result<Resource[]>> {
  const codes = itemsOf(form).flatMap((item) => (extension(item, sdc.observationLinkPeriod) ? (item.code ?? []) : []));
  const values = codes.flatMap(({ system, code }) =>
    system === undefined || code === undefined ? [] : [{ kind: 'token' as const, system, code }],
  );
  if (values.length === 0) return ok([]);
  const type = 'Observation';
  const filters = [
    where(type, 'patient', 'reference', { kind: 'reference', type: 'Patient', id: childId }),
    where(type, 'code', 'token', ...values),
  ];
  const sort = [orderedBy(type, 'date', 'date', true)];
  const visible = visibilityOf(request.principal, 's');
  const found = await foundBy(request.store, { type, filters, sort, count: limits.care.queuePage }, visible);
  return found.ok ? ok(found.value.resources) : found;
}
