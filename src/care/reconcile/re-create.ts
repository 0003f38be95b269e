import { isOfType } from '../../fhir/of-type.ts';
import { reconciledFrom, reconciledFromUrl } from '../../fhir/plan-view/reconciled.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Item } from './chart.ts';

/**
 * A record of ours that says what one of the records says and stands for all of them (decision D1: what hospitals sent is never edited). It takes
 * neither the hospital's identifiers nor its narrative, and is as confidential as the most confidential of them. An order does not
 * become a second order: a request becomes a part of the plan, a prescription a statement of what the child takes.
 */
export function reCreated(keep: Item, members: readonly Item[], today: string): Resource {
  const { id: _id, meta: _meta, text: _text, identifier: _identifier, ...content } = keep.resource;
  const copy: Resource = isOfType(keep.resource, 'MedicationRequest')
    ? { ...statementFrom(keep.resource, today) }
    : { ...content, resourceType: keep.resource.resourceType };
  if (copy.resourceType === 'ServiceRequest') copy.intent = 'plan';
  if (copy.resourceType === 'MedicationStatement') {
    copy.derivedFrom = members.map(({ reference }) => ({ reference }));
  }
  return standingFor({ ...copy }, members);
}

/** The same record, said to stand for these too. */
export function standingFor(resource: Resource, members: readonly Item[]): Resource {
  const own = `${resource.resourceType}/${resource.id ?? ''}`;
  const known = new Set(reconciledFrom(resource));
  const added = members.filter(({ reference }) => reference !== own && !known.has(reference));
  const extension: r4.Extension[] = [
    ...(Array.isArray(resource.extension) ? (resource.extension as r4.Extension[]) : []),
    ...added.map(({ reference }) => ({ url: reconciledFromUrl, valueReference: { reference } })),
  ];
  const security = labelsOf([resource, ...members.map((member) => member.resource)]);
  return {
    ...resource,
    ...(extension.length > 0 && { extension }),
    ...(security.length > 0 && { meta: { ...resource.meta, security } }),
  };
}

function labelsOf(resources: readonly Resource[]): r4.Coding[] {
  const labels = resources.flatMap(({ meta }) => meta?.security ?? []);
  return [...new Map(labels.map((label) => [`${label.system}|${label.code}`, label])).values()];
}

function statementFrom(request: r4.MedicationRequest, today: string): r4.MedicationStatement {
  const { medicationCodeableConcept, medicationReference, contained, extension, dosageInstruction, ...rest } = request;
  const statement: r4.MedicationStatement = {
    resourceType: 'MedicationStatement',
    status: request.status === 'on-hold' ? 'on-hold' : 'active',
    subject: rest.subject,
    dateAsserted: today,
  };
  if (contained) statement.contained = contained;
  if (extension) statement.extension = extension;
  if (medicationCodeableConcept) statement.medicationCodeableConcept = medicationCodeableConcept;
  if (medicationReference) statement.medicationReference = medicationReference;
  if (rest.reasonCode) statement.reasonCode = rest.reasonCode;
  if (rest.reasonReference) statement.reasonReference = rest.reasonReference;
  if (rest.note) statement.note = rest.note;
  if (dosageInstruction) statement.dosage = dosageInstruction;
  return statement;
}
