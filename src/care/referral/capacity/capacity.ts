import type { Resource, r4 } from '../../../fhir/types.ts';

/** HL7 SDOH Clinical Care 3.0.0; draft there. */
export const capacityExtension =
  'http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-ExtensionHealthcareServiceCapacityStatus';

/** Its codes, and those of the version before. */
const codes = {
  capacity: 'has-capacity',
  'no-capacity': 'none',
  waitlist: 'none-but-waitlist',
  'no-capacity-has-waitlist': 'none-but-waitlist',
  'additional-assessment-required': 'more-assessment-needed',
} as const;

export type Capacity = (typeof codes)[keyof typeof codes];

/** What a service says of its capacity; undefined when it says nothing that is known. */
export function capacityOf(service: Resource & Pick<r4.HealthcareService, 'extension'>): Capacity | undefined {
  const said = service.extension?.find(({ url }) => url === capacityExtension);
  const status = said?.extension?.find(({ url }) => url === 'capacityStatus');
  const coded = [...(status?.valueCodeableConcept?.coding ?? []), ...(status?.valueCoding ? [status.valueCoding] : [])];
  for (const code of [...coded.map((coding) => coding.code), status?.valueCode]) {
    if (code !== undefined && Object.hasOwn(codes, code)) return codes[code as keyof typeof codes];
  }
  return undefined;
}
