import { both } from '../../access/grants.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { isMirror } from '../../fhir/mirror.ts';
import { isAnsweredInPrivate } from '../../fhir/plan-view/restricted.ts';
import { isSharedPlan } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Reader, Stored, Visibility } from '../../store/types.ts';
import { resourceOf } from '../stored.ts';
import { chartGrants, chartTypes } from './chart-types.ts';
import { provenancesOf, siteSamples } from './site-provenance.ts';

const pagesMax = 20;
/** Rounds of following references: a role leads to its practitioner and organization, and there it ends. */
const rounds = 2;

/** What was read, with the versions behind it. */
export interface LoadedChart {
  resources: Resource[];
  /** The child's own, as the store showed them. */
  records: Stored[];
  /** Who wrote them, people and organizations. */
  beside: Stored[];
}

/**
 * What the sections of a child's shared plan are made of, as far as the visibility shows it: the child's own records in one statement, the Provenances
 * that say who wrote them in another, then the people and organizations they name. Nothing of another child, whatever a reference leads to.
 */
export async function loadChart(
  reader: Reader,
  patientId: string,
  visibility: Visibility,
): Promise<Result<Resource[]>> {
  const loaded = await loadVersions(reader, patientId, visibility);
  return loaded.ok ? ok(loaded.value.resources) : loaded;
}

export async function loadVersions(
  reader: Reader,
  patientId: string,
  visibility: Visibility,
): Promise<Result<LoadedChart>> {
  const records = await recordsOf(reader, patientId, visibility);
  if (!records.ok) return records;
  const own = records.value.map(resourceOf).filter((one) => !isAnsweredInPrivate(one));
  const provenances = await writersOf(reader, own, visibility);
  if (!provenances.ok) return provenances;
  const resources = [...own, ...provenances.value.map(resourceOf)];
  const beside: Stored[] = [...provenances.value];
  const known = new Set(resources.map(keyOf));
  let fresh: readonly Resource[] = resources;
  for (let round = 0; round < rounds && fresh.length > 0; round += 1) {
    const wanted = [...new Set(fresh.flatMap(namedBy))].filter((key) => !known.has(key));
    for (const key of wanted) known.add(key);
    const found = await seenOf(reader, wanted, visibility);
    beside.push(...found);
    fresh = found.map(resourceOf);
    resources.push(...fresh);
  }
  return ok({ resources, records: records.value, beside });
}

/** What of the child's record the sections are made of and the visibility shows. */
export function chartVisibility(patientId: string, visibility: Visibility): Visibility {
  const own = chartGrants(patientId);
  if (visibility.kind === 'all') return { kind: 'limited', grants: own };
  return {
    kind: 'limited',
    grants: own.flatMap((one) => visibility.grants.flatMap((grant) => both(one, grant) ?? [])),
  };
}

async function recordsOf(reader: Reader, patientId: string, visibility: Visibility): Promise<Result<Stored[]>> {
  const found: Stored[] = [];
  const wanted = { patientId, types: chartTypes, count: limits.search.maxCount };
  let cursor: string | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const asked = { ...wanted, ...(cursor !== undefined && { cursor }) };
    const answer = await reader.compartment(asked, chartVisibility(patientId, visibility));
    if (!answer.ok) return answer;
    found.push(...answer.value.matches);
    cursor = answer.value.next;
    if (cursor === undefined) return ok(found);
  }
  return fail('too-large', 'The record of this child is larger than a plan can be shown from.');
}

/** Who wrote what was written here; of each hospital one Provenance, which tells its name. */
function writersOf(reader: Reader, records: readonly Resource[], visibility: Visibility): Promise<Result<Stored[]>> {
  const own = records.filter((one) => !isMirror(one) && isAttributed(one)).slice(0, limits.care.attributedLines);
  return provenancesOf(reader, [...own, ...siteSamples(records)], visibility);
}

/** The shared plan is written with everything that changes; who says its lines, the lines say. */
function isAttributed(resource: Resource): boolean {
  if (resource.resourceType === 'Patient') return false;
  return resource.resourceType !== 'CarePlan' || !isSharedPlan(resource as Pick<r4.CarePlan, 'category'>);
}

async function seenOf(reader: Reader, wanted: readonly string[], visibility: Visibility): Promise<Stored[]> {
  if (wanted.length === 0) return [];
  const references = wanted.map((key) => ({ type: key.split('/')[0] ?? '', id: key.split('/')[1] ?? '' }));
  const found = await reader.readMany(references);
  const seen = await Promise.all(found.map((stored) => reader.sees(visibility, stored)));
  return found.filter((_stored, at) => seen[at]);
}

function keyOf({ resourceType, id }: Resource): string {
  return `${resourceType}/${id ?? ''}`;
}

/** What is nobody's record: people who work, and where. Records of the child were read already, others are not followed. */
const followed =
  /^(Practitioner|PractitionerRole|Organization|HealthcareService|Location|Medication)\/[A-Za-z0-9.-]{1,64}$/;

function namedBy(resource: Resource): string[] {
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        if (name === 'reference' && typeof inner === 'string') {
          const key = inner.split('/_history/')[0] ?? '';
          if (followed.test(key)) found.push(key);
        } else if (typeof inner === 'object') visit(inner);
      }
    }
  };
  visit(resource);
  return found;
}
