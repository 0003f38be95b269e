import { both } from '../../access/grants.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Grant, Reader, Visibility } from '../../store/types.ts';
import { resourceOf } from '../stored.ts';

const pagesMax = 20;
/** Rounds of following references: a service leads to its organization and location, a role also to its practitioner. */
const rounds = 2;

const wholeTypes: ReadonlySet<string> = new Set([
  ...['Patient', 'RelatedPerson', 'CarePlan', 'CareTeam', 'Condition', 'Procedure', 'AllergyIntolerance', 'Flag'],
  ...[
    'MedicationRequest',
    'MedicationStatement',
    'Device',
    'DeviceUseStatement',
    'Immunization',
    'RequestGroup',
    'ServiceRequest',
  ],
]);
/** LOINC: body weight, measured body weight, preferences for treatment. */
const observationCodes = ['29463-7', '3141-9', '75773-2'];
/** LOINC: advance directives, advance directive, orders for life-sustaining treatment. */
const directiveCodes = ['42348-3', '75320-2', '81334-5'];

/** What emergency and access plans are made of, as grants: about this child, nobody else's. */
function grantsFor(patientId: string): Grant[] {
  const patients = [patientId];
  const having = (type: string, param: string, codes: readonly string[]): Grant => ({
    types: new Set([type]),
    patients,
    having: [{ param, anyOf: codes.map((code) => ({ code })) }],
  });
  return [
    { types: wholeTypes, patients },
    having('Observation', 'code', observationCodes),
    having('Observation', 'category', ['baseline']),
    having('DocumentReference', 'type', directiveCodes),
    having('Consent', 'scope', ['adr', 'treatment']),
  ];
}

/**
 * The records of a child that an emergency plan is made of, as far as the visibility shows them, with the people, places and drugs they name.
 * Nothing of another child, whatever a reference leads to. Error `too-large`.
 */
export async function readEmergencyRecord(
  reader: Reader,
  patientId: string,
  visibility: Visibility,
): Promise<Result<Resource[]>> {
  const own = grantsFor(patientId);
  const grants =
    visibility.kind === 'all'
      ? own
      : own.flatMap((one) => visibility.grants.flatMap((grant) => both(one, grant) ?? []));
  const types = [...wholeTypes, 'Observation', 'DocumentReference', 'Consent'];
  const found: Resource[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const asked = { patientId, types, count: limits.search.maxCount, ...(cursor !== undefined && { cursor }) };
    const answer = await reader.compartment(asked, { kind: 'limited', grants });
    if (!answer.ok) return answer;
    found.push(...answer.value.matches.map(resourceOf));
    cursor = answer.value.next;
    if (cursor === undefined) return ok([...found, ...(await namedIn(reader, found, visibility))]);
  }
  return fail('too-large', 'The record of this child is larger than an emergency plan can be made from.');
}

/** What is nobody's record: people who work, where, and drugs. */
const followed =
  /^(Practitioner|PractitionerRole|Organization|HealthcareService|Location|Medication)\/[A-Za-z0-9.-]{1,64}$/;

async function namedIn(reader: Reader, records: readonly Resource[], visibility: Visibility): Promise<Resource[]> {
  const known = new Set<string>();
  const found: Resource[] = [];
  let fresh = records;
  for (let round = 0; round < rounds && fresh.length > 0; round += 1) {
    const wanted = [...new Set(fresh.flatMap(referencesIn))].filter((key) => !known.has(key));
    for (const key of wanted) known.add(key);
    const stored = await reader.readMany(
      wanted.map((key) => ({ type: key.split('/')[0] ?? '', id: key.split('/')[1] ?? '' })),
    );
    const seen = await Promise.all(stored.map((one) => reader.sees(visibility, one)));
    fresh = stored.filter((_one, at) => seen[at]).map(resourceOf);
    found.push(...fresh);
  }
  return found;
}

function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    if (name !== 'reference' || typeof inner !== 'string') return typeof inner === 'object' ? referencesIn(inner) : [];
    const key = inner.split('/_history/')[0] ?? '';
    return followed.test(key) ? [key] : [];
  });
}
