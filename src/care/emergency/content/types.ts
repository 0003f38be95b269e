import type { Index } from '../../../fhir/plan-view/index-of.ts';
import type { Resource } from '../../../fhir/types.ts';
import type { Plan } from '../check-plan.ts';
import type { Zone } from '../scenario.ts';
import type { SectionCode, Words } from '../words.ts';

/** One thing that is said. */
export interface Line {
  /** What kind of thing it is, in our words: `NEVER`, `Call`. */
  label?: string;
  /** As the record has it. */
  text: string;
  /** What else is known of it, each a few words. */
  facts: readonly string[];
  /** The records it is made of, `Type/id`. */
  references: readonly string[];
  zone?: Zone;
  /** Its steps. */
  lines?: readonly Line[];
}

export interface Section {
  code: SectionCode;
  title: string;
  lines: readonly Line[];
}

/** How it stands with the check of the plan. */
export interface Standing {
  isDue: boolean;
  /** Why, in words; only what its reader may be told. */
  reasons: readonly string[];
  /** What the plan does not say and has to. */
  missing: readonly string[];
  reviewedOn?: string;
  reviewedBy?: string;
  nextOn?: string;
}

/** A small picture of the child's face, as the record has it. */
export interface Photo {
  contentType: 'image/jpeg' | 'image/png';
  /** Base64. */
  data: string;
}

/** A health link to this very plan, printed on it once, when it is made. */
export interface PrintedLink {
  uri: string;
  /** YYYY-MM-DD */
  until: string;
  hasPasscode: boolean;
}

/** Everything an emergency plan says, in the order in which it matters: one source for the page, the PDF and the Composition. */
export interface EmergencyContent {
  plan: Plan;
  words: Words;
  child: { reference: string; name: string; facts: readonly string[]; photo?: Photo };
  /** One line: who this child is. */
  summary: string;
  standing: Standing;
  /** When it was made, in words of the house's time zone. */
  asOf: string;
  sections: readonly Section[];
  /** Titles of what nothing is recorded for. */
  notRecorded: readonly string[];
  link?: PrintedLink;
}

/** What a section is made from. */
export interface Source {
  resources: readonly Resource[];
  index: Index;
  words: Words;
  plan: Plan;
  access?: Plan;
}
