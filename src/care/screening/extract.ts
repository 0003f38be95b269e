import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { type FhirPath, withinMs } from '../../fhir/fhirpath.ts';
import { dataOperationSystem, ofPatient, participantTypeSystem } from '../../fhir/provenance.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { localId } from '../local-id.ts';
import { calculated } from './calculate.ts';
import { answerProblems } from './check-answers.ts';
import { extractObservations } from './extract-observations.ts';
import { extractTemplates } from './extract-templates.ts';
import { type Extracted, withLabels } from './extracted.ts';

/**
 * What a completed response says, as resources: it is checked against its form first (every problem at once, `unprocessable`), what the form
 * computes is computed, then observation-based and template-based extraction. Pure.
 */
export function extract(
  form: r4.Questionnaire,
  response: r4.QuestionnaireResponse,
  engine: FhirPath,
): Result<Extracted[]> {
  const fhirPath = withinMs(engine, limits.care.formMs);
  const problems = answerProblems(form, response, fhirPath);
  const tooLarge = problems.some(({ code }) => code === 'too-costly');
  const whole = tooLarge ? { response, issues: [] } : calculated(form, response, fhirPath);
  const issues = [...problems, ...whole.issues];
  if (issues.length > 0) return { ok: false, error: { kind: 'unprocessable', issues } };
  const templates = extractTemplates(form, whole.response, fhirPath);
  return templates.ok ? ok([...extractObservations(form, whole.response), ...templates.value]) : templates;
}

/** The transaction that writes what was extracted, with its Provenance when the response can be pointed to. */
export function extractedBundle(
  extracted: readonly Extracted[],
  response: r4.QuestionnaireResponse,
  clock: Clock,
): Resource {
  const entry: r4.BundleEntry[] = extracted.map(({ fullUrl, resource, request }) => {
    return { fullUrl, resource: resource as r4.FhirResource, request };
  });
  if (response.id !== undefined && entry.length > 0) {
    const made = extracted.map(({ fullUrl }) => fullUrl);
    const resource = provenanceOf(made, response, clock) as r4.FhirResource;
    entry.push({ resource, request: { method: 'POST', url: 'Provenance' } });
  }
  return { resourceType: 'Bundle', type: 'transaction', ...(entry.length > 0 && { entry }) };
}

/** Where all these come from (Gravity SDOH Clinical Care: entity with the role source). As restricted as the response. */
export function provenanceOf(targets: readonly string[], response: r4.QuestionnaireResponse, clock: Clock): Resource {
  const provenance: r4.Provenance = {
    resourceType: 'Provenance',
    target: targets.map((reference) => ({ reference })),
    recorded: clock.now().toISOString(),
    activity: { coding: [{ system: dataOperationSystem, code: 'CREATE' }] },
    agent: [
      {
        type: { coding: [{ system: participantTypeSystem, code: 'assembler' }] },
        who: { identifier: { system: `${canonicalBase}/room`, value: 'care' } },
      },
    ],
    entity: [{ role: 'source', what: { reference: `QuestionnaireResponse/${response.id}` } }],
  };
  return withLabels(ofPatient({ ...provenance }, localId(response.subject, 'Patient')), response);
}
