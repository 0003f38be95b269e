import type { r4 } from '../../../../fhir/types.ts';
import type { Records } from '../legacy-plan.ts';
import { takeAllergy } from './allergies.ts';
import { takeConcern, takeProblem } from './concerns.ts';
import { takeGoal } from './goals.ts';
import { takeImmunization } from './immunizations.ts';
import { takeIntervention } from './interventions.ts';
import { takeResults, takeVitalSigns } from './measurements.ts';
import { takeMedication } from './medications.ts';
import { takeOutcome } from './outcomes.ts';
import { takeMembers } from './team.ts';
import type { Narrative } from './values.ts';
import type { XmlElement } from './xml.ts';

/** What is known while a document is read. */
export interface Reading {
  subject: r4.Reference;
  records: Records;
  narrative: Narrative;
  /** By `root|extension` of an entry: what it became (`urn:uuid:…`), or of an activity its place in the plan. */
  byKey: Map<string, string | r4.CarePlanActivity>;
  concerns: string[];
  problems: string[];
  goals: string[];
  activities: r4.CarePlanActivity[];
  members: r4.CareTeamParticipant[];
  /** Whether an author element names the child. */
  isPatient(author: XmlElement): boolean;
}

/** Sections by their LOINC codes, in the order in which they refer to each other. */
export const sectionReaders: readonly { code: string; read: (entry: XmlElement, reading: Reading) => void }[] = [
  { code: '11450-4', read: takeProblem },
  { code: '75310-3', read: takeConcern },
  { code: '48765-2', read: takeAllergy },
  { code: '10160-0', read: takeMedication },
  { code: '11369-6', read: takeImmunization },
  { code: '8716-3', read: takeVitalSigns },
  { code: '30954-2', read: takeResults },
  { code: '61146-7', read: takeGoal },
  { code: '62387-6', read: takeIntervention },
  { code: '18776-5', read: takeIntervention },
  { code: '11383-7', read: takeOutcome },
  { code: '85847-2', read: takeMembers },
];
