import { fail, ok, type Result } from '../../base/errors.ts';
import { isMirror, mirrorSite } from '../../fhir/mirror.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { SearchParam, SearchQuery } from '../../fhir/search/query.ts';
import { isSharedPlan } from '../../fhir/shared-plan.ts';
import type { Resource } from '../../fhir/types.ts';
import { type Reader, seesAll } from '../../store/types.ts';
import { childOf, planTypes } from '../child.ts';
import { resourcesOfChild } from '../of-child.ts';
import { currentOf, resourceOf } from '../stored.ts';

/** Rounds of following references: a role leads to its practitioner and organization, and there it ends. */
const rounds = 2;

/** A shared plan with everything that `planView` needs to show it. Error `not-found` when it is no shared plan of ours. */
export async function loadPlan(reader: Reader, planId: string): Promise<Result<Resource[]>> {
  const plan = currentOf(await reader.read('CarePlan', planId));
  const child = childOf(plan);
  if (!isOfType(plan, 'CarePlan') || !isSharedPlan(plan) || child === undefined) {
    return fail('not-found', 'There is no such shared plan here.');
  }
  const record = await resourcesOfChild(reader, child, planTypes);
  if (!record.ok) return record;
  const loaded = new Map([plan, ...record.value].map((resource) => [keyOf(resource), resource]));
  for (let round = 0; round < rounds; round += 1) {
    const wanted = [...loaded.values()].flatMap(namedBy).filter((key) => !loaded.has(key));
    const missing = [...new Set(wanted)].map((key) => ({ type: key.split('/')[0] ?? '', id: key.split('/')[1] ?? '' }));
    if (missing.length === 0) break;
    for (const stored of await reader.readMany(missing)) {
      // A reference may lead to another child's record, by mistake or on purpose: it is not followed into this child's plan.
      if (await reader.sees({ kind: 'limited', grants: [{ types: 'any', patients: [child] }] }, stored))
        loaded.set(`${stored.type}/${stored.id}`, resourceOf(stored));
    }
  }
  const sources = await siteProvenance(reader, [...loaded.values()]);
  return sources.ok ? ok([...loaded.values(), ...sources.value]) : sources;
}

/** One Provenance for each site something came from: it tells the site's name. */
export async function siteProvenance(reader: Reader, resources: readonly Resource[]): Promise<Result<Resource[]>> {
  const samples = new Map(resources.flatMap((one) => (isMirror(one) ? [[mirrorSite(one), one] as const] : [])));
  const found: Resource[] = [];
  for (const { resourceType: type, id } of samples.values()) {
    const answer = await reader.search(provenanceOf(type, id), seesAll);
    if (!answer.ok) return answer;
    found.push(...answer.value.matches.map(resourceOf));
  }
  return ok(found);
}

function provenanceOf(type: string, id: string | undefined): SearchQuery {
  const target: SearchParam = { code: 'target', kind: 'reference', expression: 'Provenance.target' };
  return {
    type: 'Provenance',
    filters: [{ kind: 'filter', param: target, values: [{ kind: 'reference', type, id }] }],
    includes: [],
    revincludes: [],
    sort: [],
    count: 1,
    total: 'none',
  };
}

function keyOf({ resourceType, id }: Resource): string {
  return `${resourceType}/${id ?? ''}`;
}

const shown = new RegExp(
  '^(Patient|Practitioner|PractitionerRole|Organization|RelatedPerson|Device|HealthcareService|Appointment|' +
    'CommunicationRequest|DeviceRequest|MedicationRequest|NutritionOrder|VisionPrescription|RequestGroup)/[A-Za-z0-9.-]{1,64}$',
);

/** Local references to people, organizations and other requests, anywhere in a resource. */
function namedBy(resource: Resource): string[] {
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        if (name === 'reference' && typeof inner === 'string') {
          const key = inner.split('/_history/')[0] ?? '';
          if (shown.test(key)) found.push(key);
        } else visit(inner);
      }
    }
  };
  visit(resource);
  return found;
}
