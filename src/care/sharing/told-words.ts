import type { AccessClass, Policy } from '../../access/policy/compile.ts';
import type { Told } from '../../access/policy/partner-view.ts';

/** What of a child's record a type is, in plain words. */
const words: Readonly<Record<string, string>> = {
  Patient: 'name, birth date, address and phone',
  AllergyIntolerance: 'allergies',
  Appointment: 'appointments',
  CarePlan: 'care plans',
  CareTeam: 'the care team',
  Communication: 'messages to and from them',
  Condition: 'problems and diagnoses',
  DocumentReference: 'forms for school',
  Encounter: 'visits',
  EpisodeOfCare: 'the enrollment with them',
  Goal: 'goals',
  Immunization: 'vaccines',
  MedicationRequest: 'medicines',
  Observation: 'measurements and test results',
  ServiceRequest: 'requests for help',
  Task: 'tasks that are theirs',
};

/** What a class is told of a child, in plain words: each kind once, what a consent leaves out left out. */
export function toldWords({ grants }: Pick<AccessClass, 'grants'>, { types }: Pick<Told, 'types'>): string[] {
  const found = grants.flatMap((grant) => {
    const all = grant.types === 'any' ? [] : [...grant.types];
    return all
      .filter((type) => types === undefined || types.has(type))
      .flatMap((type) => {
        const only = grant.having?.find(({ param }) => param === 'category' && type === 'CarePlan');
        return only ? only.anyOf.map(({ code }) => `the ${code} plan`) : (words[type] ?? []);
      });
  });
  return [...new Set(found)];
}

/** Names of the sensitive categories that are told besides. */
export function openedWords(
  { hides: always }: Pick<AccessClass, 'hides'>,
  { hides }: Pick<Told, 'hides'>,
  policy: Policy,
): string[] {
  const opened = always & ~hides;
  return [...policy.bits].flatMap(([name, bit]) => ((opened & bit) === 0n ? [] : [name]));
}
