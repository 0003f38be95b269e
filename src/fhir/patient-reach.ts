import type { Definitions } from './definitions.ts';

/**
 * What R4's Patient compartment (CompartmentDefinition/patient) leaves open for a reader who is limited to one patient. The
 * compartment says which records are a patient's; it leaves out some types that hold a person's data all the same.
 */

/** Types that may hold any person's data without saying whose, so that nothing shows them to be this patient's. */
const ofUnknownPerson: ReadonlySet<string> = new Set([
  'Binary',
  'BiologicallyDerivedProduct',
  'Bundle',
  'DeviceMetric',
  'EnrollmentResponse',
  'Linkage',
  'MessageHeader',
  'OperationOutcome',
  'Parameters',
  'PaymentNotice',
  'PaymentReconciliation',
  'Subscription',
  'TestReport',
  'VerificationResult',
]);

/**
 * Types whose records list patients, or records of patients, side by side: being one of many on a list does not open the list. A Provenance
 * that a client wrote over several children is such a list; ours are of one child each (care/provenance). A Person says which records are
 * of one human being: which had another name before an adoption, say.
 */
const rosters: ReadonlySet<string> = new Set(['Group', 'Person', 'Provenance']);

/**
 * Which records of a type a reader limited to one patient reaches: `member`: those in the patient's compartment; `alone`: those
 * of this patient and no other; `nobody`: none; `everybody`: all, because the type is about nobody (an Organization, a Library).
 */
export type Reach = 'member' | 'alone' | 'nobody' | 'everybody';

export function reachOf(definitions: Definitions, type: string): Reach {
  if (rosters.has(type)) return 'alone';
  if (type === 'Patient' || definitions.compartmentParams(type).length > 0) return 'member';
  return ofUnknownPerson.has(type) ? 'nobody' : 'everybody';
}

/**
 * Of the parameters that put a record of the type into a compartment, those that say whom it is about; undefined where all do. The
 * compartment also holds the records in which a patient took part (performer, author, recipient), or to which another is linked: such a
 * record of another child is that child's alone.
 */
export function subjectParams(type: string, compartment: ReadonlySet<string>): readonly string[] | undefined {
  if (type === 'Patient') return [];
  if (type === 'Coverage') return ['beneficiary'];
  const named = ['patient', 'subject'].filter((param) => compartment.has(param));
  return named.length > 0 ? named : undefined;
}
