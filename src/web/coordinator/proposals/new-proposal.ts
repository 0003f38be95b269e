import type { Resource, r4 } from '../../../fhir/types.ts';
import type { Answer, FhirClient } from '../../shared/fhir-client.ts';
import { nameOf, readNames } from '../../shared/names.ts';
import { parameter, parameters } from '../../shared/parameters.ts';
import type { Child } from '../child/read-child.ts';

export const kinds = ['comment', 'goal', 'request', 'remove'] as const;
export type Kind = (typeof kinds)[number];

export interface Named {
  /** `Type/id`. */
  reference: string;
  text: string;
}

export interface PlanChoices {
  /** The lines of the plan that this reader sees. */
  lines: Named[];
  /** The child and its family, in whose name a wish may be written down. */
  family: Named[];
}

export async function readPlanChoices(client: FhirClient, child: Child): Promise<Answer<PlanChoices>> {
  const [plan, relatives] = await Promise.all([
    client.get(`CarePlan/${child.planId}`),
    client.all(`RelatedPerson?patient=${child.patient.id}&active=true&_count=50`),
  ]);
  if (!plan.ok) return plan;
  if (!relatives.ok) return relatives;
  const { goal = [], addresses = [], activity = [] } = plan.value as Resource & r4.CarePlan;
  const references = [...goal, ...addresses, ...activity.map(({ reference }) => reference)].flatMap((one) =>
    one?.reference === undefined ? [] : [one.reference],
  );
  const names = await readNames(client, references);
  const patient = { ...child.patient } as Resource;
  return {
    ok: true,
    value: {
      lines: [...new Set(references)].flatMap((reference) => {
        const text = names.get(reference);
        return text === undefined ? [] : [{ reference, text }];
      }),
      family: [...relatives.value, patient].flatMap((one) => {
        const text = nameOf(one);
        return text === undefined ? [] : [{ reference: `${one.resourceType}/${one.id}`, text }];
      }),
    },
  };
}

export interface Wish {
  kind: Kind;
  target: string;
  text: string;
  reason: string;
  /** Whose wish it is; '' for one's own. */
  onBehalfOf: string;
  patientId: string;
}

/** What `CarePlan/[id]/$propose` is asked. */
export function proposalOf({ kind, target, text, reason, onBehalfOf, patientId }: Wish): Resource {
  const subject = { reference: `Patient/${patientId}` };
  const goal: Resource & r4.Goal = {
    ...{ resourceType: 'Goal', lifecycleStatus: 'proposed', description: { text }, subject },
    ...(onBehalfOf !== '' && { expressedBy: { reference: onBehalfOf } }),
  };
  const request: Resource & r4.ServiceRequest = {
    ...{ resourceType: 'ServiceRequest', status: 'draft', intent: 'proposal', code: { text }, subject },
  };
  const proposed = kind === 'goal' ? goal : kind === 'request' ? request : undefined;
  const isOfLine = kind === 'comment' || kind === 'remove';
  return parameters(
    ...parameter('valueCode', 'action', isOfLine ? kind : 'add'),
    ...parameter('valueReference', 'target', isOfLine ? target : undefined),
    ...(proposed ? [{ name: 'proposed', resource: proposed as r4.FhirResource }] : []),
    ...parameter('valueString', 'reason', reason),
    ...parameter('valueReference', 'onBehalfOf', onBehalfOf),
  );
}
