import { ok, type Result } from '../../base/errors.ts';
import { isMirror } from '../../fhir/mirror.ts';
import { ofType, type Typed } from '../../fhir/of-type.ts';
import { isAnsweredInPrivate } from '../../fhir/plan-view/restricted.ts';
import { isSharedPlan } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Reader } from '../../store/types.ts';
import { planTypes } from '../child.ts';
import { localId } from '../local-id.ts';
import { resourcesOfChild } from '../of-child.ts';
import { resourceOf } from '../stored.ts';

type Of<T extends r4.FhirResource['resourceType']> = Resource & Typed<T>;

/** All that is known about a child and can matter to the plan. */
export interface Known {
  patientId: string;
  patient: Of<'Patient'>;
  conditions: Of<'Condition'>[];
  goals: Of<'Goal'>[];
  requests: Of<'ServiceRequest'>[];
  tasks: Of<'Task'>[];
  family: Of<'RelatedPerson'>[];
  /** Plans and teams as hospitals sent them. */
  hospitalPlans: Of<'CarePlan'>[];
  hospitalTeams: Of<'CareTeam'>[];
  /** Shared plans in every status, and teams, made here. */
  sharedPlans: Of<'CarePlan'>[];
  ownTeams: Of<'CareTeam'>[];
  /** The encounters in which hospital plans were made: they name the hospital and the clinicians. */
  encounters: Of<'Encounter'>[];
}

/** Reads it within the caller's transaction, so that a plan is composed from one state of the record. */
export async function readKnown(reader: Reader, patient: Of<'Patient'>): Promise<Result<Known>> {
  const patientId = patient.id ?? '';
  const found = await resourcesOfChild(reader, patientId, planTypes);
  if (!found.ok) return found;
  const planned = found.value.filter((one) => !isAnsweredInPrivate(one));
  return ok(knownFrom(patient, planned, await encountersOf(reader, ofType(found.value, 'CarePlan'))));
}

function knownFrom(patient: Of<'Patient'>, resources: readonly Resource[], encounters: readonly Resource[]): Known {
  const plans = ofType(resources, 'CarePlan');
  const teams = ofType(resources, 'CareTeam');
  return {
    patientId: patient.id ?? '',
    patient,
    conditions: ofType(resources, 'Condition'),
    goals: ofType(resources, 'Goal'),
    requests: ofType(resources, 'ServiceRequest'),
    tasks: ofType(resources, 'Task'),
    family: ofType(resources, 'RelatedPerson').filter(({ active }) => active !== false),
    hospitalPlans: plans.filter(isMirror),
    hospitalTeams: teams.filter(isMirror),
    sharedPlans: plans.filter((plan) => isSharedPlan(plan) && !isMirror(plan)),
    ownTeams: teams.filter((team) => !isMirror(team)),
    encounters: ofType(encounters, 'Encounter'),
  };
}

async function encountersOf(reader: Reader, plans: readonly Of<'CarePlan'>[]): Promise<Resource[]> {
  const ids = new Set(
    plans
      .filter(isMirror)
      .map(({ encounter }) => localId(encounter, 'Encounter'))
      .filter((id) => id !== undefined),
  );
  const stored = await reader.readMany([...ids].map((id) => ({ type: 'Encounter', id })));
  return stored.map(resourceOf);
}
