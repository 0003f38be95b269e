import { ofType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Answer, FhirClient } from '../shared/fhir-client.ts';

/** How the child's emergency plan stands, as `$emergency-plan` says it. Dates are FHIR dates. */
export interface EmergencyStanding {
  /** Of which moment the rendering is. */
  asOf?: string;
  isDue: boolean;
  /** Why, as XHTML of the server. */
  why?: string;
  checkedOn?: string;
  nextOn?: string;
}

const standingUrl = `${canonicalBase}/StructureDefinition/emergency-plan-standing`;
const sectionSystem = `${canonicalBase}/CodeSystem/emergency-plan-section`;

/** Undefined value: there is no plan in force that this reader may see. */
export async function readEmergency(
  client: FhirClient,
  patientId: string,
): Promise<Answer<EmergencyStanding | undefined>> {
  const answer = await client.get(`Patient/${patientId}/$emergency-plan`);
  if (answer.ok) return { ok: true, value: standingIn(answer.value) };
  return answer.trouble.kind === 'refused' ? { ok: true, value: undefined } : answer;
}

function standingIn(bundle: Resource | undefined): EmergencyStanding | undefined {
  const { entry = [] } = (bundle ?? {}) as { entry?: { resource?: Resource }[] };
  const [composition] = ofType(
    entry.flatMap(({ resource }) => resource ?? []),
    'Composition',
  );
  if (composition === undefined) return undefined;
  const parts = composition.extension?.find(({ url }) => url === standingUrl)?.extension ?? [];
  const date = (name: string) => parts.find(({ url }) => url === name)?.valueDate;
  const why = composition.section?.find(({ code }) =>
    code?.coding?.some((one) => one.system === sectionSystem && one.code === 'check-again'),
  )?.text?.div;
  const [checkedOn, nextOn] = [date('reviewed'), date('next')];
  return {
    isDue: parts.some(({ url, valueBoolean }) => url === 'due' && valueBoolean === true),
    asOf: composition.date,
    ...(why !== undefined && { why }),
    ...(checkedOn !== undefined && { checkedOn }),
    ...(nextOn !== undefined && { nextOn }),
  };
}
