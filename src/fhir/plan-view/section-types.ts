import type { Source } from './types.ts';

/** The sections of a shared plan (decision D4), in the order in which people read them. `CodeSystem/shared-plan-section` defines the codes. */
export type SectionCode =
  | 'at-a-glance'
  | 'about-me'
  | 'family'
  | 'care-team'
  | 'medical-summary'
  | 'problems'
  | 'baseline'
  | 'allergies'
  | 'medications'
  | 'devices'
  | 'procedures'
  | 'immunizations'
  | 'goals'
  | 'family-goals'
  | 'clinician-goals'
  | 'actions'
  | 'needs'
  | 'emergency-access'
  | 'other-parts'
  | 'services'
  | 'school'
  | 'transition'
  | 'caregiver'
  | 'legal'
  | 'hospital-plans'
  | 'review';

/** Who says so, when, and for whom (decision D5). */
export interface Attribution {
  kind: Source['kind'];
  who: string;
  /** Site id of a mirror. */
  site?: string;
  /** ISO date or instant. */
  when?: string;
  /** Who wrote it down, when that is somebody else. */
  writtenBy?: string;
  /** On whose behalf it was written. */
  forWhom?: string;
  /** What this source says of its state, where sources differ. */
  status?: string;
}

/** One thing, with everybody who says it: the same allergy from three hospitals is one line with three attributions (S3.13). */
export interface SectionLine {
  /** The records behind it, `Type/id`; none when it is computed. */
  references: string[];
  words: string;
  facts: string[];
  said: Attribution[];
  /** False for what is completed, resolved, cancelled. */
  open: boolean;
  /** Somebody's own words. */
  quoted?: true;
  /** Modifier: not to be done. */
  doNot?: true;
}

/** A section has lines or parts of its own; one without anything is not there at all. */
export interface PlanSection {
  code: SectionCode;
  title: string;
  lines: SectionLine[];
  parts: PlanSection[];
}
