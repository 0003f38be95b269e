import { isMirror } from '../../../fhir/mirror.ts';
import { ofType } from '../../../fhir/of-type.ts';
import { isSharedPlan } from '../../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import type { Answer, FhirClient } from '../../shared/fhir-client.ts';

/** Whose page it is, with the ids that its parts go by. */
export interface Child {
  patient: r4.Patient;
  /** Of the shared plan in force. */
  planId?: string;
  /** Our own care team of the child. */
  team?: r4.CareTeam;
}

export async function readChild(client: FhirClient, patientId: string): Promise<Answer<Child>> {
  const [patient, plans, teams] = await Promise.all([
    client.get(`Patient/${patientId}`),
    client.all(`CarePlan?patient=${patientId}&status=active&_count=100`),
    client.all(`CareTeam?patient=${patientId}&_count=100`),
  ]);
  if (!patient.ok) return patient;
  if (!plans.ok) return plans;
  if (!teams.ok) return teams;
  const ours = (one: Resource) => !isMirror(one);
  const plan = ofType(plans.value, 'CarePlan').find((one) => isSharedPlan(one) && ours(one));
  const [team] = ofType(teams.value, 'CareTeam').filter((one) => ours(one) && one.status === 'active');
  return {
    ok: true,
    value: {
      patient: patient.value as Resource & r4.Patient,
      ...(plan?.id !== undefined && { planId: plan.id }),
      ...(team && { team }),
    },
  };
}
