import { isOfType } from '../../fhir/of-type.ts';
import { conceptText, humanName } from '../../fhir/plan-view/index-of.ts';
import type { Resource } from '../../fhir/types.ts';
import type { FhirClient } from './fhir-client.ts';

/** What people, places and lines of a plan are called, by `Type/id`. What this reader may not see has no name here. */
export type Names = ReadonlyMap<string, string>;

const named =
  /^(Patient|Practitioner|PractitionerRole|RelatedPerson|Organization|CareTeam|HealthcareService|Location|ServiceRequest|Condition|AllergyIntolerance|MedicationRequest|MedicationStatement|Goal|Task|Questionnaire)\/[A-Za-z0-9.-]{1,64}$/;
/** As many ids as go into one search. */
const atOnce = 100;

/** Looks up what is not known yet, all in one request. */
export async function readNames(
  client: FhirClient,
  references: readonly (string | undefined)[],
  known: Names = new Map(),
): Promise<Names> {
  const wanted = [...new Set(references)].filter(
    (one) => one !== undefined && named.test(one) && !known.has(one),
  ) as string[];
  const byType = Map.groupBy(wanted, (reference) => reference.split('/')[0] ?? '');
  const urls = [...byType].flatMap(([type, own]) => {
    const ids = own.map((reference) => reference.split('/')[1]);
    const chunks = Array.from({ length: Math.ceil(ids.length / atOnce) }, (_, at) =>
      ids.slice(at * atOnce, (at + 1) * atOnce),
    );
    return chunks.map((chunk) => `${type}?_id=${chunk.join(',')}&_count=${atOnce}`);
  });
  if (urls.length === 0) return known;
  const answers = await client.ask(urls.map((url) => ({ method: 'GET' as const, url })));
  const found = new Map(known);
  for (const answer of answers) {
    const { entry = [] } = ((answer.ok ? answer.value : undefined) as { entry?: { resource?: Resource }[] }) ?? {};
    for (const { resource } of entry) {
      const name = nameOf(resource);
      if (resource && name !== undefined) found.set(`${resource.resourceType}/${resource.id}`, name);
    }
  }
  return found;
}

/** A readable name of a person, an organization, a team, a program or a place; of a line of the plan its words. */
export function nameOf(resource: Resource | undefined): string | undefined {
  if (isOfType(resource, 'Patient') || isOfType(resource, 'Practitioner') || isOfType(resource, 'RelatedPerson'))
    return humanName(resource.name);
  if (isOfType(resource, 'PractitionerRole')) return resource.practitioner?.display ?? resource.organization?.display;
  if (isOfType(resource, 'Goal')) return conceptText(resource.description);
  if (isOfType(resource, 'Task')) return resource.description ?? conceptText(resource.code);
  if (isOfType(resource, 'MedicationRequest') || isOfType(resource, 'MedicationStatement'))
    return conceptText(resource.medicationCodeableConcept);
  if (
    isOfType(resource, 'ServiceRequest') ||
    isOfType(resource, 'Condition') ||
    isOfType(resource, 'AllergyIntolerance')
  )
    return conceptText(resource.code);
  return typeof resource?.title === 'string'
    ? resource.title
    : typeof resource?.name === 'string'
      ? resource.name
      : undefined;
}
