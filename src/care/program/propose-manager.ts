import { visibilityOf } from '../../access/decide.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { localId } from '../local-id.ts';
import { currentOf } from '../stored.ts';
import { referenceAsked } from './ask.ts';
import { caseloadCap, modelOf } from './program-facts.ts';
import { allOf, bySystem } from './query.ts';
import { modelSystem } from './vocabulary.ts';

/** A person who could be the care manager, in one role. */
export interface Candidate {
  role: string;
  programId: string;
  /** True: the program serves where the child lives. Undefined: it serves no area in particular, or nobody knows where the child lives. */
  inArea?: boolean;
  speaks: boolean;
  load: number;
  cap?: number;
}

/**
 * Who may be offered, best first: nobody of a program of another area, nobody whose caseload is full; then who knows the area, speaks the language of
 * the family, and has most room. Pure. The role's name decides between equals, so that the same question has the same answer.
 */
export function ranked(candidates: readonly Candidate[]): Candidate[] {
  const room = ({ load, cap }: Candidate) => (cap === undefined ? load / (load + 100) : load / cap);
  return candidates
    .filter(({ inArea, load, cap }) => inArea !== false && (cap === undefined || load < cap))
    .sort(
      (a, b) =>
        Number(b.inArea === true) - Number(a.inArea === true) ||
        Number(b.speaks) - Number(a.speaks) ||
        room(a) - room(b) ||
        (a.role < b.role ? -1 : 1),
    );
}

/**
 * `GET HealthcareService/$propose-manager?patient=`: to whom a new child may be given, by where it lives (the coverage area of the program), the
 * languages of the family, and everybody's caseload and cap (S4.7).
 */
export const proposeManagerOperation: Operation = {
  name: 'propose-manager',
  definition: `${canonicalBase}/OperationDefinition/propose-manager`,
  level: 'type',
  resourceType: 'HealthcareService',
  affectsState: false,
  parameters: ['patient', 'program'],
  requires: [
    ['Patient', 'r'],
    ['HealthcareService', 'rs'],
    ['PractitionerRole', 'rs'],
  ],
  handle,
};

async function handle(request: OperationRequest): Promise<Result<Resource>> {
  const { parameters, store, principal } = request;
  const asked = referenceAsked(parameters, 'patient', ['Patient']);
  const program = referenceAsked(parameters, 'program', ['HealthcareService']);
  if (!asked.ok) return asked;
  if (!program.ok) return program;
  const patientId = asked.value?.split('/')[1];
  if (patientId === undefined)
    return fail('invalid', 'patient is missing: name the child whose care is to be managed, as Patient/id.', {
      code: 'required',
    });
  const child = currentOf(await store.readSeen('Patient', patientId, visibilityOf(principal, 'r')));
  if (!isOfType(child, 'Patient')) return fail('not-found', 'There is no such child here.');
  const found = await candidatesFor(child, request, program.value);
  if (!found.ok) return found;
  const offered = ranked(found.value);
  const full = found.value.filter((one) => one.inArea !== false && one.cap !== undefined && one.load >= one.cap);
  const parameter: r4.ParametersParameter[] = offered.map((one) => ({ name: 'proposal', part: partsOf(one) }));
  if (full.length > 0) parameter.push({ name: 'full', valueInteger: full.length });
  return ok({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) });
}

async function candidatesFor(
  child: r4.Patient & Resource,
  { store, principal }: OperationRequest,
  only: string | undefined,
): Promise<Result<Candidate[]>> {
  const visibility = visibilityOf(principal, 's');
  const services = await allOf(store, 'HealthcareService', [bySystem('service-type', modelSystem)], visibility);
  if (!services.ok) return services;
  const roles = await allOf(store, 'PractitionerRole', [], visibility);
  if (!roles.ok) return roles;
  // An address that is kept safe from the caller is not told by which team is near.
  const isKept = principal.view?.redaction?.withoutWhereabouts.includes(child.id ?? '') === true;
  const zip = isKept ? undefined : postalCodeOf(child);
  const languages = languagesOf(child.communication);
  const loads = await loadsNow(store);
  const candidates: Candidate[] = [];
  for (const service of services.value) {
    if (!isOfType(service, 'HealthcareService') || modelOf(service) === undefined || service.active === false) continue;
    if (only !== undefined && only !== `HealthcareService/${service.id}`) continue;
    const inArea = await isInArea(service, zip, store);
    for (const role of roles.value) {
      if (!isOfType(role, 'PractitionerRole') || role.active === false || !serves(role, service.id)) continue;
      const reference = `PractitionerRole/${role.id}`;
      const cap = caseloadCap(role);
      candidates.push({
        role: reference,
        programId: service.id ?? '',
        ...(inArea !== undefined && { inArea }),
        speaks: await speaksOneOf(role, languages, store),
        load: (loads.get(reference) ?? 0) + (loads.get(`${role.practitioner?.reference}|${service.id}`) ?? 0),
        ...(cap !== undefined && { cap }),
      });
    }
  }
  return ok(candidates);
}

function serves(role: r4.PractitionerRole, programId: string | undefined): boolean {
  return (role.healthcareService ?? []).some((one) => localId(one, 'HealthcareService') === programId);
}

async function isInArea(
  service: r4.HealthcareService,
  zip: string | undefined,
  store: OperationRequest['store'],
): Promise<boolean | undefined> {
  const places = (service.coverageArea ?? []).map((one) => localId(one, 'Location')).filter((id) => id !== undefined);
  if (places.length === 0 || zip === undefined) return undefined;
  const read = await Promise.all(places.map((id) => store.read('Location', id)));
  return read
    .map(currentOf)
    .some((place) => isOfType(place, 'Location') && place.address?.postalCode?.slice(0, 5) === zip);
}

function postalCodeOf({ address = [] }: r4.Patient): string | undefined {
  const current = address.filter(({ use, period }) => use !== 'old' && use !== 'billing' && period?.end === undefined);
  const home = current.find(({ use }) => use === 'home') ?? current[0];
  return home?.postalCode?.slice(0, 5);
}

/** Two letters, whatever the region: `es-MX` is `es`. The preferred language counts alone when one is said. */
function languagesOf(communication: readonly r4.PatientCommunication[] = []): ReadonlySet<string> {
  const preferred = communication.filter((one) => one.preferred === true);
  const meant = preferred.length > 0 ? preferred : communication;
  return new Set(meant.flatMap(({ language }) => codesOf(language)));
}

function codesOf({ coding = [] }: r4.CodeableConcept): string[] {
  return coding.flatMap(({ code }) => (code === undefined ? [] : [code.split('-')[0] ?? code]));
}

async function speaksOneOf(
  role: r4.PractitionerRole,
  languages: ReadonlySet<string>,
  store: OperationRequest['store'],
): Promise<boolean> {
  if (languages.size === 0) return false;
  const person = currentOf(await store.read('Practitioner', localId(role.practitioner, 'Practitioner') ?? ''));
  return (
    isOfType(person, 'Practitioner') &&
    (person.communication ?? []).flatMap(codesOf).some((code) => languages.has(code))
  );
}

/** Children who are worked with now, by care manager: numbers alone, of everybody's children. Of a person without a role by program too. */
async function loadsNow(store: OperationRequest['store']): Promise<ReadonlyMap<string, number>> {
  const rows = await store.query<{ manager: string; children: string }>(
    `SELECT CASE WHEN manager LIKE 'Practitioner/%' THEN manager || '|' || program_id ELSE manager END AS manager,
            count(DISTINCT patient_id) AS children
       FROM enrollment WHERE manager IS NOT NULL AND status IN ('active', 'onhold') GROUP BY 1`,
  );
  return new Map(rows.map(({ manager, children }) => [manager, Number(children)]));
}

function partsOf({ role, programId, inArea, speaks, load, cap }: Candidate): r4.ParametersParameter[] {
  return [
    { name: 'manager', valueReference: { reference: role } },
    { name: 'program', valueReference: { reference: `HealthcareService/${programId}` } },
    ...(inArea === true ? [{ name: 'reason', valueCode: 'area' }] : []),
    ...(speaks ? [{ name: 'reason', valueCode: 'language' }] : []),
    { name: 'caseload', valueInteger: load },
    ...(cap === undefined ? [] : [{ name: 'cap', valueInteger: cap }]),
  ];
}
