import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { r4 } from '../../fhir/types.ts';

export const modeSystem = `${canonicalBase}/CodeSystem/contact-mode`;
export const activitySystem = `${canonicalBase}/CodeSystem/care-activity`;
export const contactOutcomeUrl = `${canonicalBase}/StructureDefinition/contact-outcome`;
const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const participationMode = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationMode';

/** How people were in touch, in the order in which it is reported (profiles/code-systems/contact-mode.json). */
export const modes = [
  ...(['call', 'video', 'home-visit', 'office-visit', 'community-visit', 'message', 'letter', 'fax'] as const),
] as const;
export type Mode = (typeof modes)[number];

/** Of an Encounter by its class (decision D16): from afar, at home, in the office, elsewhere. */
const modeOfClass: Record<string, Mode> = {
  VR: 'call',
  HH: 'home-visit',
  AMB: 'office-visit',
  FLD: 'community-visit',
};

/** Of a Communication by its medium. */
const modeOfMedium: Record<string, Mode> = {
  PHONE: 'call',
  DICTATE: 'call',
  VIDEOCONF: 'video',
  EMAILWRIT: 'message',
  SMSWRIT: 'message',
  ELECTRONIC: 'message',
  WRITTEN: 'letter',
  MAILWRIT: 'letter',
  TYPEWRIT: 'letter',
  HANDWRIT: 'letter',
  FAXWRIT: 'fax',
  FACE: 'office-visit',
};

/** Undefined for a class by which nobody is in touch for coordination. A contact from afar is a call unless its type says video. */
export function modeOfEncounter({ class: coding, type = [] }: r4.Encounter): Mode | undefined {
  const { system, code = '' } = coding ?? {};
  const mode = system === actCode ? modeOfClass[code] : undefined;
  const isVideo = type.some((one) => one.coding?.some((each) => each.system === modeSystem && each.code === 'video'));
  return mode === 'call' && isVideo ? 'video' : mode;
}

export function modeOfCommunication({ medium = [] }: r4.Communication): Mode | undefined {
  const codings = medium.flatMap(({ coding = [] }) => coding);
  const found = codings.find(({ system }) => system === participationMode);
  return modeOfMedium[found?.code ?? ''];
}

/** What was done: the first code of the activity taxonomy. */
export function activityOf(concepts: readonly r4.CodeableConcept[] = []): string | undefined {
  return concepts.flatMap(({ coding = [] }) => coding).find(({ system }) => system === activitySystem)?.code;
}
