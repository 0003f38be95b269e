/**
 * Must-support elements of US Core 6.1 and 7.0 for the types whose profiles do not ship with our definitions, written out by hand. A name that
 * ends in `=x` asks for that value; `name:x` for an element of a list with that code somewhere in it.
 */
export const askedElements: Readonly<Record<string, readonly string[]>> = {
  AllergyIntolerance: ['clinicalStatus', 'verificationStatus', 'code', 'patient', 'reaction.manifestation'],
  CarePlan: ['text.status', 'text.div', 'status', 'intent', 'category:assess-plan', 'subject'],
  CareTeam: ['status', 'subject', 'participant.role', 'participant.member'],
  Condition: [
    ...['clinicalStatus', 'verificationStatus', 'category:problem-list-item', 'category:encounter-diagnosis'],
    ...[
      'category:health-concern',
      'category:sdoh',
      'code',
      'subject',
      'encounter',
      'onsetDateTime',
      'abatementDateTime',
    ],
    ...['recordedDate', 'recorder', 'extension.valueDateTime'],
  ],
  Coverage: [
    ...['identifier:MB', 'status', 'type', 'subscriberId', 'beneficiary', 'relationship', 'period', 'payor'],
    ...['class:group', 'class:plan', 'class.value', 'class.name'],
  ],
  DiagnosticReport: [
    ...['status', 'category:LAB', 'category:LP29684-5', 'code', 'subject', 'encounter', 'effectiveDateTime', 'issued'],
    ...['performer', 'result', 'media.link', 'presentedForm'],
  ],
  DocumentReference: [
    ...['identifier', 'status', 'type', 'category:clinical-note', 'subject', 'date', 'author'],
    ...['content.attachment.contentType', 'content.attachment.data', 'content.attachment.url', 'content.format'],
    ...['context.encounter', 'context.period'],
  ],
  Encounter: [
    ...['identifier.system', 'identifier.value', 'status', 'class', 'type', 'subject', 'participant.type'],
    ...['participant.period', 'participant.individual', 'period', 'reasonCode', 'reasonReference'],
    ...['hospitalization.dischargeDisposition', 'location.location', 'serviceProvider', 'extension.valueCoding'],
  ],
  FamilyMemberHistory: ['status', 'patient', 'relationship', 'condition.code'],
  Goal: ['lifecycleStatus', 'description', 'subject', 'startDate', 'target.dueDate'],
  Immunization: [
    ...['status=completed', 'status=not-done', 'statusReason', 'vaccineCode', 'patient', 'encounter'],
    ...['occurrenceDateTime', 'primarySource', 'location', 'lotNumber'],
  ],
  Location: ['identifier', 'status', 'name', 'type', 'telecom', 'address.line', 'address.city', 'managingOrganization'],
  MedicationDispense: [
    ...['status', 'medicationReference', 'subject', 'context', 'performer.actor', 'authorizingPrescription', 'type'],
    ...['quantity', 'whenHandedOver', 'dosageInstruction.text', 'dosageInstruction.timing', 'dosageInstruction.route'],
    'dosageInstruction.doseAndRate.doseQuantity',
  ],
  MedicationRequest: [
    ...['reasonCode', 'reasonReference', 'dispenseRequest.numberOfRepeatsAllowed', 'dispenseRequest.quantity'],
    ...['dosageInstruction.timing', 'dosageInstruction.doseAndRate.doseQuantity', 'extension.extension.valueDateTime'],
  ],
  Observation: [
    ...['8302-2', '29463-7', '8310-5', '8867-4', '9279-1', '59408-5', '2708-6', '39156-5', '59576-9', '77606-2'],
    ...['9843-4', '8289-1', '85354-9', '96607-7', '72166-2', '82810-3', '86645-9', '76690-7', '11341-5', '95541-9'],
    ...['75773-2', '88121-9', '718-7', '11524-6'],
  ]
    .map((code) => `code:${code}`)
    .concat('category:sdoh', 'category:survey', 'category:laboratory', 'category:procedure', 'category:social-history')
    .concat('hasMember', 'derivedFrom', 'performer', 'specimen', 'interpretation', 'referenceRange', 'encounter')
    .concat('component.dataAbsentReason', 'dataAbsentReason', 'valueQuantity', 'valueCodeableConcept', 'valueString'),
  Organization: [
    'identifier',
    'active',
    'name',
    'telecom.value',
    'address.line',
    'address.postalCode',
    'address.country',
  ],
  Practitioner: ['identifier', 'name.family', 'telecom', 'address.line'],
  PractitionerRole: ['practitioner', 'organization', 'code', 'specialty', 'location', 'telecom', 'endpoint'],
  Procedure: [
    ...['basedOn', 'status', 'code', 'subject', 'encounter', 'performedDateTime', 'performedPeriod', 'reasonCode'],
    'reasonReference',
  ],
  Provenance: ['target', 'recorded', 'agent:author', 'agent:transmitter', 'agent.who', 'agent.onBehalfOf'],
  QuestionnaireResponse: [
    ...['identifier', 'questionnaire', '_questionnaire.extension.valueString', '_questionnaire.extension.valueUri'],
    ...['status', 'subject', 'authored', 'author', 'item.linkId', 'item.text', 'item.item.answer.valueDecimal'],
    ...['item.item.answer.valueString', 'item.item.answer.valueCoding'],
  ],
  RelatedPerson: ['active', 'patient', 'relationship', 'name', 'telecom', 'address'],
  ServiceRequest: [
    ...['status', 'intent', 'category:sdoh', 'code', 'subject', 'encounter', 'occurrencePeriod', 'occurrenceDateTime'],
    ...['authoredOn', 'requester', 'reasonCode', 'reasonReference'],
  ],
  Specimen: ['identifier', 'accessionIdentifier', 'type', 'subject', 'collection.bodySite', 'condition'],
};

/** True when the resource shows what the name asks for. */
export function shows(resource: any, name: string): boolean {
  const [, path = '', mark, wanted] = /^([^:=]*)(?:([:=])(.*))?$/.exec(name) ?? [];
  let found: any[] = [resource];
  for (const step of path.split('.'))
    found = found.flatMap((one) => [one?.[step]].flat()).filter((one) => one !== undefined);
  if (mark === '=') return found.includes(wanted);
  if (mark === ':') return found.some((one) => JSON.stringify(one).includes(`"code":"${wanted}"`));
  return found.length > 0;
}
