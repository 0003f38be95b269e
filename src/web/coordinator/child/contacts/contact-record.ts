import type { Resource, r4 } from '../../../../fhir/types.ts';
import { type Code, conceptOf } from '../../../shared/codes.ts';

const canonical = 'http://careweave.org/fhir';
const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const participationMode = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationMode';

/** How the contact log is written down (docs/reconciliation.md, "The contact log"): visits and calls as Encounter, by class; messages by medium. */
const classes: Record<string, string> = {
  call: 'VR',
  video: 'VR',
  'home-visit': 'HH',
  'office-visit': 'AMB',
  'community-visit': 'FLD',
};
const media: Record<string, string> = { message: 'ELECTRONIC', letter: 'MAILWRIT', fax: 'FAXWRIT' };

export const contactModes: readonly string[] = [...Object.keys(classes), ...Object.keys(media)];

/** Only a visit has a place and takes minutes of its own. */
export const isVisit = (mode: string) => mode in classes;

export interface Logged {
  patientId: string;
  /** `Practitioner/id`. */
  me: string;
  mode: string;
  activity: Code;
  at: Date;
  where: string;
  /** Why nobody was reached; absent when somebody was. */
  outcome?: Code;
  minutes?: number;
  /** `EpisodeOfCare/id`. */
  episode?: string;
}

/** The contact as the server takes it. */
export function contactRecord(logged: Logged): Resource {
  return isVisit(logged.mode) ? visit(logged) : message(logged);
}

function visit({ patientId, me, mode, activity, at, where, outcome, minutes, episode }: Logged): Resource {
  const video = { coding: [{ system: `${canonical}/CodeSystem/contact-mode`, code: 'video' }] };
  const end = minutes === undefined ? undefined : new Date(at.getTime() + minutes * 60_000).toISOString();
  const encounter: r4.Encounter & Resource = {
    resourceType: 'Encounter',
    ...(outcome && {
      extension: [
        { url: `${canonical}/StructureDefinition/contact-outcome`, valueCodeableConcept: conceptOf(outcome) },
      ],
    }),
    status: outcome ? 'cancelled' : 'finished',
    class: { system: actCode, code: classes[mode] ?? '' },
    type: [conceptOf(activity), ...(mode === 'video' ? [video] : [])],
    subject: { reference: `Patient/${patientId}` },
    ...(episode !== undefined && { episodeOfCare: [{ reference: episode }] }),
    participant: [{ individual: { reference: me } }],
    period: { start: at.toISOString(), ...(end !== undefined && { end }) },
    ...(minutes !== undefined && {
      length: { value: minutes, unit: 'min', system: 'http://unitsofmeasure.org', code: 'min' },
    }),
    ...(where !== '' && { location: [{ location: { display: where } }] }),
  };
  return encounter;
}

function message({ patientId, me, mode, activity, at, outcome }: Logged): Resource {
  const communication: r4.Communication & Resource = {
    resourceType: 'Communication',
    status: outcome ? 'not-done' : 'completed',
    ...(outcome && { statusReason: conceptOf(outcome) }),
    category: [conceptOf(activity)],
    medium: [{ coding: [{ system: participationMode, code: media[mode] ?? '' }] }],
    subject: { reference: `Patient/${patientId}` },
    sender: { reference: me },
    sent: at.toISOString(),
  };
  return communication;
}
