import { isOfType } from '../../fhir/of-type.ts';
import type { Resource } from '../../fhir/types.ts';
import { localId } from '../local-id.ts';
import { codeIn } from './enrollment.ts';
import * as words from './vocabulary.ts';

/** A family's yes to care management of this child that stands. */
export function consentHolds(consent: Resource | undefined, patientId: string | undefined): boolean {
  return (
    isOfType(consent, 'Consent') &&
    consent.status === 'active' &&
    consent.provision?.type !== 'deny' &&
    localId(consent.patient, 'Patient') === patientId &&
    codeIn(consent.category, words.consentSystem) === words.careManagementConsent
  );
}
