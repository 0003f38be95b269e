import { isOfType } from '../../fhir/of-type.ts';
import { isLead } from '../../fhir/plan-view/team.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Tx } from '../../store/types.ts';
import { currentOf, resourceOf } from '../stored.ts';

/** Who is told about a child's emergency plan: the lead coordinator, and who looks after the child as a whole. */
export interface Responsible {
  lead?: r4.Reference;
  primaryCare?: r4.Reference;
}

/** From the active care teams that are kept for the child, and the child's own general practitioner. */
export async function responsibleFor(tx: Pick<Tx, 'recordsOf' | 'read'>, patientId: string): Promise<Responsible> {
  const teams = (await tx.recordsOf([patientId], ['CareTeam'])).map(({ stored }) => resourceOf(stored));
  const members = teams.flatMap((team) =>
    isOfType(team, 'CareTeam') && (team.status === undefined || team.status === 'active')
      ? (team.participant ?? [])
      : [],
  );
  const lead = members.find((one) => isLead(one) && one.period?.end === undefined)?.member;
  const patient = currentOf(await tx.read('Patient', patientId));
  const general = isOfType(patient, 'Patient') ? patient.generalPractitioner : undefined;
  const primaryCare = general?.find(({ reference }) => /^Practitioner(Role)?\//.test(reference ?? '')) ?? general?.[0];
  return {
    ...(lead?.reference !== undefined && { lead: bare(lead) }),
    ...(primaryCare?.reference !== undefined && { primaryCare: bare(primaryCare) }),
  };
}

function bare({ reference }: r4.Reference): r4.Reference {
  return { reference };
}
