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
 * that a client wrote over several children is such a list; ours are of one child each (care/provenance).
 */
const rosters: ReadonlySet<string> = new Set(['Group', 'Provenance']);

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
