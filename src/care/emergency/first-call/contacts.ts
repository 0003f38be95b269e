import { isOfType } from '../../../fhir/of-type.ts';
import { conceptText, type Index, localReference } from '../../../fhir/plan-view/index-of.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import type { Plan } from '../check-plan.ts';
import { phonesOf, said } from '../content/say.ts';
import { contactUrl } from '../terms.ts';
import type { Hours } from './hours.ts';

/** Somebody to call, as an access plan lists them; in the order in which people want them called. */
export interface Contact {
  reference?: string;
  name: string;
  phone?: string;
  /** Code of CodeSystem/access-contact-kind. */
  kind: string;
  /** For these alone; none: for anything. */
  symptoms: readonly r4.CodeableConcept[];
  note?: string;
  hours: Hours;
}

/** R5's extension for the time zone of a place, in R4. */
const zoneUrl = 'http://hl7.org/fhir/StructureDefinition/timezone';

/** The contacts of a plan in their order. `zone`: of the house, for places that do not say theirs. */
export function contactsOf(plan: Plan | undefined, index: Index, zone: string): Contact[] {
  return (plan?.extension ?? []).flatMap(({ url, extension = [] }) =>
    url === contactUrl ? contactOf(extension, index, zone) : [],
  );
}

function contactOf(parts: readonly r4.Extension[], index: Index, zone: string): Contact[] {
  const part = (name: string) => parts.find(({ url }) => url === name);
  const reference = part('contact')?.valueReference;
  const service = index.get(localReference(reference));
  const name = serviceName(service, index) ?? index.nameOf(reference) ?? reference?.display;
  const phone = part('phone')?.valueString ?? phoneOf(service, index);
  // Nobody who can be called: what it refers to is kept back from this reader, or gone.
  if (name === undefined) return [];
  const kind = part('kind')?.valueCode ?? 'clinic';
  const note = said(part('note')?.valueString, exceptionsOf(service)).join(' ');
  const own = localReference(reference);
  return [
    {
      ...(own !== undefined && { reference: own }),
      name,
      ...(phone !== undefined && { phone }),
      kind,
      symptoms: parts.flatMap(({ url, valueCodeableConcept }) =>
        url === 'symptom' && valueCodeableConcept ? [valueCodeableConcept] : [],
      ),
      ...(note !== '' && { note }),
      hours: hoursOf(service, index, zone),
    },
  ];
}

function serviceName(service: Resource | undefined, index: Index): string | undefined {
  if (!isOfType(service, 'HealthcareService')) return undefined;
  const by = index.nameOf(service.providedBy);
  return said(service.name ?? conceptText(service.type?.[0]), by !== service.name && by).join(', ') || undefined;
}

function phoneOf(service: Resource | undefined, index: Index): string | undefined {
  if (service === undefined) return undefined;
  const own = phonesOf(service.telecom as r4.ContactPoint[] | undefined);
  if (own !== undefined || !isOfType(service, 'PractitionerRole')) return own;
  const person = index.get(localReference(service.practitioner));
  return phonesOf(person?.telecom as r4.ContactPoint[] | undefined);
}

function exceptionsOf(service: Resource | undefined): string | undefined {
  return isOfType(service, 'HealthcareService') || isOfType(service, 'PractitionerRole')
    ? service.availabilityExceptions
    : undefined;
}

/** When a service, a role or a place is open, by what it says itself. `houseZone`: where it does not say where it is. */
export function hoursOf(service: Resource | undefined, index: Index, houseZone: string): Hours {
  const places =
    isOfType(service, 'HealthcareService') || isOfType(service, 'PractitionerRole') ? (service.location ?? []) : [];
  const zone = [service, ...places.map((place) => index.get(localReference(place)))].flatMap(zoneOf)[0] ?? houseZone;
  if (isOfType(service, 'HealthcareService') || isOfType(service, 'PractitionerRole')) {
    const { availableTime: available, notAvailable } = service;
    return { zone, ...(available && { available }), ...(notAvailable && { notAvailable }) };
  }
  if (!isOfType(service, 'Location') || !service.hoursOfOperation) return { zone };
  const available = service.hoursOfOperation.map(({ daysOfWeek, allDay, openingTime, closingTime }) => ({
    ...(daysOfWeek && { daysOfWeek }),
    ...(allDay !== undefined && { allDay }),
    ...(openingTime !== undefined && { availableStartTime: openingTime }),
    ...(closingTime !== undefined && { availableEndTime: closingTime }),
  }));
  return { zone, available };
}

/** A zone that this machine does not know is as good as none. */
function zoneOf(resource: Resource | undefined): string[] {
  const extensions = (resource?.extension ?? []) as readonly r4.Extension[];
  const name = extensions.find(({ url }) => url === zoneUrl)?.valueCode;
  if (name === undefined) return [];
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return [name];
  } catch {
    return [];
  }
}
