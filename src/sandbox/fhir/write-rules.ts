import type { Resource } from '../../fhir/types.ts';
import type { Hospital } from '../hospital.ts';

/** Why a write is refused: HTTP status, FHIR issue code, text without values. */
export interface Refusal {
  status: number;
  code: string;
  text: string;
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** A write about a patient must name a patient this hospital has. */
function aboutUnknownPatient(hospital: Hospital, resource: Resource): boolean {
  const reference = objectOf(resource.subject ?? resource.patient).reference;
  if (typeof reference !== 'string') return false;
  const local = reference.startsWith(`${hospital.base}/`) ? reference.slice(hospital.base.length + 1) : reference;
  const [type = '', id = ''] = local.split('/');
  return type === 'Patient' && !hospital.chart.has(type, id);
}

function unacceptableDocument(hospital: Hospital, resource: Resource): boolean {
  const accepted = hospital.personality.documentTypes;
  if (resource.resourceType !== 'DocumentReference' || !accepted || !Array.isArray(resource.content)) return false;
  return resource.content.some((content) => {
    const mediaType = objectOf(objectOf(content).attachment).contentType;
    return typeof mediaType !== 'string' || !accepted.includes(mediaType.split(';', 1)[0]?.trim() ?? '');
  });
}

/** The vendor's business rules for a new or changed resource. */
export function refusalOfWrite(hospital: Hospital, type: string, resource: Resource): Refusal | undefined {
  if (resource.resourceType !== type) return { status: 400, code: 'invalid', text: `The body must be a ${type}.` };
  const problem = hospital.chart.problems(resource)?.issue[0];
  if (problem) {
    const where = problem.expression?.[0] ? ` at ${problem.expression[0]}` : '';
    return { status: 422, code: problem.code ?? 'structure', text: `The ${type} is not valid${where}.` };
  }
  if (aboutUnknownPatient(hospital, resource)) {
    return { status: 422, code: 'business-rule', text: 'The patient it refers to is not known here.' };
  }
  if (unacceptableDocument(hospital, resource)) {
    return { status: 422, code: 'business-rule', text: 'Documents of this content type are not accepted.' };
  }
  return undefined;
}
