import { conceptText } from '../../../fhir/plan-view/index-of.ts';
import type { r4 } from '../../../fhir/types.ts';
import { pertainsToGoalUrl } from '../orphan.ts';

const requestStatus: Record<string, r4.ServiceRequest['status']> = {
  'not-started': 'active',
  scheduled: 'active',
  'in-progress': 'active',
  'on-hold': 'on-hold',
  completed: 'completed',
  cancelled: 'revoked',
  stopped: 'revoked',
  unknown: 'unknown',
  'entered-in-error': 'entered-in-error',
};

/**
 * The request that stands for an activity of the kind ServiceRequest (decision D2). What a request has no element for (product, daily amount)
 * stays in the quotation of its Provenance.
 */
export function requestOf(plan: r4.CarePlan, detail: r4.CarePlanActivityDetail): r4.ServiceRequest {
  const request: r4.ServiceRequest = {
    resourceType: 'ServiceRequest',
    status: requestStatus[detail.status ?? 'unknown'] ?? 'unknown',
    intent: plan.intent === 'order' ? 'order' : 'plan',
    code: detail.code ?? { text: detail.description ?? 'Activity of an imported plan' },
    subject: plan.subject,
  };
  const authoredOn = plan.created ?? plan.period?.start;
  if (authoredOn !== undefined) request.authoredOn = authoredOn;
  if (detail.doNotPerform !== undefined) request.doNotPerform = detail.doNotPerform;
  if (detail.performer) request.performer = detail.performer;
  if (detail.scheduledTiming) request.occurrenceTiming = detail.scheduledTiming;
  else if (detail.scheduledPeriod) request.occurrencePeriod = detail.scheduledPeriod;
  if (detail.reasonCode) request.reasonCode = detail.reasonCode;
  if (detail.reasonReference) request.reasonReference = detail.reasonReference;
  if (detail.location) request.locationReference = [detail.location];
  if (detail.quantity) request.quantityQuantity = detail.quantity;
  if (plan.encounter) request.encounter = plan.encounter;
  const words = [detail.description, detail.scheduledString].filter((text) => text !== undefined);
  const said = words.filter((text) => text !== conceptText(request.code));
  if (said.length > 0) request.note = said.map((text) => ({ text }));
  if (detail.goal && detail.goal.length > 0) {
    request.extension = detail.goal.map((goal) => ({ url: pertainsToGoalUrl, valueReference: goal }));
  }
  return request;
}
