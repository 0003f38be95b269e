import { isOfType, ofType } from '../../fhir/of-type.ts';
import { indexOf } from '../../fhir/plan-view/index-of.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { type Reader, seesAll } from '../../store/types.ts';
import { hoursOf } from '../emergency/first-call/contacts.ts';
import type { Hours } from '../emergency/first-call/hours.ts';
import { foundBy, where } from '../found.ts';
import { saysModel } from '../program/program-facts.ts';
import { currentOf } from '../stored.ts';

/** Roles of one clinician, and services of one practice, that are looked at. */
const lookAt = 50;

type Service = Resource & (r4.HealthcareService | r4.PractitionerRole);

/**
 * When the child's own practice is open, as it says itself: the HealthcareService in which the child's general practitioner works, else the clinician's own role,
 * else the only service of the practice that says its hours. Nobody's hours: those of the house's zone alone, and the fixed ones are taken.
 */
export async function practiceHours(
  reader: Reader,
  child: Pick<r4.Patient, 'generalPractitioner'>,
  zone: string,
): Promise<Hours> {
  const places: Resource[] = [];
  for (const service of await servicesOf(reader, child)) {
    for (const { reference = '' } of service.location ?? []) {
      const place = await readBy(reader, reference);
      if (place) places.push(place);
    }
    return hoursOf(service, indexOf([service, ...places], new Map()), zone);
  }
  return { zone };
}

/** Of those who look after the child, in order: the first that says anything of its hours is the practice. */
async function servicesOf(reader: Reader, child: Pick<r4.Patient, 'generalPractitioner'>): Promise<Service[]> {
  const found: Service[] = [];
  for (const { reference = '' } of child.generalPractitioner ?? []) {
    const general = await readBy(reader, reference);
    if (isOfType(general, 'Organization')) found.push(...(await onlyServiceOf(reader, reference)));
    const roles = isOfType(general, 'Practitioner') ? await rolesOf(reader, reference) : [general];
    for (const role of roles) {
      if (!isOfType(role, 'PractitionerRole') || role.active === false) continue;
      for (const one of role.healthcareService ?? []) {
        const service = await readBy(reader, one.reference ?? '');
        if (isPractice(service)) found.push(service);
      }
      found.push(role);
    }
  }
  return found.filter(saysHours);
}

async function rolesOf(reader: Reader, reference: string): Promise<Resource[]> {
  const [type = '', id = ''] = reference.split('/');
  const filter = where('PractitionerRole', 'practitioner', 'reference', { kind: 'reference', type, id });
  const found = await foundBy(reader, { type: 'PractitionerRole', filters: [filter], count: lookAt }, seesAll);
  return found.ok ? found.value.resources : [];
}

/** Several services of one practice have hours of their own each, and nobody can say which are meant. */
async function onlyServiceOf(reader: Reader, reference: string): Promise<Service[]> {
  const [type = '', id = ''] = reference.split('/');
  const filter = where('HealthcareService', 'organization', 'reference', { kind: 'reference', type, id });
  const found = await foundBy(reader, { type: 'HealthcareService', filters: [filter], count: lookAt }, seesAll);
  const services = found.ok ? ofType(found.value.resources, 'HealthcareService').filter(isPractice) : [];
  const telling = services.filter(saysHours);
  return telling.length === 1 ? telling : [];
}

/** A program of care management is no practice: its hours are those of who manages care. */
function isPractice(service: Resource | undefined): service is Resource & r4.HealthcareService {
  return isOfType(service, 'HealthcareService') && service.active !== false && !saysModel(service);
}

function saysHours({ availableTime = [], notAvailable = [] }: Service): boolean {
  return availableTime.length > 0 || notAvailable.length > 0;
}

async function readBy(reader: Reader, reference: string): Promise<Resource | undefined> {
  const [type = '', id = ''] = reference.split('/');
  return id === '' ? undefined : currentOf(await reader.read(type, id));
}
