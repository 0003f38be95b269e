import { visibilityOf } from '../../access/decide.ts';
import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import type { FhirPath } from '../../fhir/fhirpath.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { currentOf } from '../stored.ts';
import { isComplete } from './check-response.ts';
import { extract, extractedBundle } from './extract.ts';
import { findForm } from './find-form.ts';

/**
 * `QuestionnaireResponse/$extract` and `QuestionnaireResponse/[id]/$extract` (SDC 4, OperationDefinition/QuestionnaireResponse-extract): the
 * transaction Bundle of what the response says. Nothing is written; the caller posts the Bundle in their own name. Errors: `unprocessable`
 * with every problem of the answers; `not-found` for a response that the caller does not see.
 */
export function extractOperations(fhirPath: FhirPath, clock: Clock): Operation[] {
  const shared = {
    name: 'extract',
    definition: 'http://hl7.org/fhir/uv/sdc/OperationDefinition/QuestionnaireResponse-extract',
    resourceType: 'QuestionnaireResponse',
    affectsState: false,
    requires: [['QuestionnaireResponse', 'r']],
    handle: (request: OperationRequest) => handle(request, fhirPath, clock),
  } as const;
  return [
    { ...shared, level: 'type', parameters: ['questionnaire-response', 'resource', 'questionnaire'] },
    { ...shared, level: 'instance', parameters: ['questionnaire'] },
  ];
}

async function handle(request: OperationRequest, fhirPath: FhirPath, clock: Clock): Promise<Result<Resource>> {
  const response = await askedResponse(request);
  if (!response.ok) return response;
  if (!isComplete(response.value))
    return fail('unprocessable', 'Only a response that is completed or amended is extracted.', {
      code: 'business-rule',
    });
  const form = await askedForm(request, response.value);
  if (!form.ok) return form;
  const extracted = extract(form.value, response.value, fhirPath);
  return extracted.ok ? ok(extractedBundle(extracted.value, response.value, clock)) : extracted;
}

async function askedResponse({
  parameters,
  store,
  principal,
  id,
}: OperationRequest): Promise<Result<r4.QuestionnaireResponse>> {
  if (id !== undefined) {
    const seen = currentOf(await store.readSeen('QuestionnaireResponse', id, visibilityOf(principal, 'r')));
    return isOfType(seen, 'QuestionnaireResponse')
      ? ok(seen)
      : fail('not-found', 'There is no such QuestionnaireResponse.');
  }
  const given = parameters.resource('questionnaire-response') ?? parameters.resource('resource');
  return isOfType(given, 'QuestionnaireResponse') && typeof given.status === 'string'
    ? ok(given)
    : fail('invalid', 'questionnaire-response has to be a QuestionnaireResponse.', { code: 'required' });
}

async function askedForm(
  { parameters, store }: OperationRequest,
  response: r4.QuestionnaireResponse,
): Promise<Result<r4.Questionnaire>> {
  const given = parameters.resource('questionnaire');
  if (isOfType(given, 'Questionnaire')) return ok(given);
  const found = await findForm(store, response.questionnaire);
  if (!found.ok) return found;
  return found.value
    ? ok(found.value)
    : fail('unprocessable', 'The form of the response is not kept here.', { code: 'not-found' });
}
