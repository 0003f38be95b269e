import type { Result } from '../base/errors.ts';
import type { Resource, r4 } from '../fhir/types.ts';
import type { At, Need } from './engine/contract.ts';
import type { Slice } from './engine/slice.ts';
import type { MeasureQuestions } from './questions.ts';
import type { AnswerThrough } from './through.ts';

/** A measurement period in whole days, both included: `2026-01-01` to `2026-12-31`. */
export interface Period {
  start: string;
  end: string;
}

/** Codes of http://terminology.hl7.org/CodeSystem/measure-scoring. */
export type Scoring = 'proportion' | 'ratio' | 'cohort' | 'continuous-variable' | 'composite';

/** How observations become one number. Source: CQF measures, cqfm-aggregateMethod. */
export type AggregateMethod = 'sum' | 'average' | 'median' | 'minimum' | 'maximum' | 'count';

/** How the answers of components become one. Source: CQF measures, cqfm-compositeScoring. */
export type CompositeScoring = 'opportunity' | 'all-or-nothing' | 'linear' | 'weighted';

/** One population of a group: which expression decides it, and which expressions hold what it counted. */
export interface PopulationDefinition {
  /** Unique in its group: the linkId or element id of the Measure, else its code, with a number from the second on. */
  id: string;
  /** Code of http://terminology.hl7.org/CodeSystem/measure-population, e.g. `denominator-exclusion`. */
  code: string;
  /** The definition that decides; of a measure-observation the function that is applied. Empty in a composite group. */
  expression: string;
  evidence: readonly string[];
  /** Id of the population that this one is about: an observation's, or the initial population of a ratio's numerator or denominator. */
  criteriaReference?: string;
  /** Of a measure-observation. */
  aggregateMethod?: AggregateMethod;
}

/** One part of a stratum. A stratifier without components has one. */
export interface StratifierComponent {
  id: string;
  code?: r4.CodeableConcept;
  /** A definition, or for episodes a function of one. */
  expression: string;
}

export interface StratifierDefinition {
  /** Unique in its group. */
  id: string;
  code?: r4.CodeableConcept;
  components: readonly StratifierComponent[];
  /** Ids of the populations that are stratified; absent: all. */
  appliesTo?: readonly string[];
}

/** What a score is told in: `per 1,000 member-months` multiplies by 1000. */
export interface RateUnit {
  text: string;
  factor: number;
  /** UCUM, as authored. */
  code?: string;
}

/** The components of a composite group, as canonical URLs with the group that counts; absent: every group of the component. */
export interface CompositeDefinition {
  scoring: CompositeScoring;
  components: readonly { measure: string; group?: string /** Of weighted scoring: more than 0. */; weight?: number }[];
}

export interface GroupDefinition {
  /** Unique in its measure: the linkId or element id of the Measure, else `group-1`. */
  id: string;
  scoring: Scoring;
  /** `boolean`: children are counted; a resource type: episodes of that type. */
  basis: string;
  improvement: 'increase' | 'decrease';
  populations: readonly PopulationDefinition[];
  stratifiers: readonly StratifierDefinition[];
  rateUnit?: RateUnit;
  /** How the rates of several groups are to be put together, in the author's words. */
  rateAggregation?: string;
  composite?: CompositeDefinition;
}

/** Something told beside the populations of each child: race, sex, payer, or what a risk adjustment needs. */
export interface SupplementalDefinition {
  id: string;
  code?: r4.CodeableConcept;
  description?: string;
  expression: string;
  usage: 'supplemental-data' | 'risk-adjustment-factor';
}

/** One CQL library of a measure with its translation. */
export interface MeasureLibrary {
  /** Name and version as CQL writes them. */
  id: string;
  version: string;
  /** Absent when only ELM was given. */
  cql?: string;
  /** The content of an ELM JSON file: `{ library }`. */
  elm: unknown;
}

/** A measure as authored, with ELM: of profiles/measures/<name>, or posted. */
export interface MeasureDefinition {
  /** The id of its Measure resource: the key of its results. */
  name: string;
  resource: r4.Measure;
  groups: readonly GroupDefinition[];
  supplemental: readonly SupplementalDefinition[];
  /** Name and version of the main CQL library. */
  library: { id: string; version: string };
  cql: string;
  /** The content of an ELM JSON file: `{ library }`. */
  elm: unknown;
  /** Every library that the logic needs, the main one first. */
  libraries: readonly MeasureLibrary[];
  valueSets: readonly r4.ValueSet[];
  /** Resource types the logic reads, `Patient` among them. */
  retrieves: readonly string[];
  /** Changes when the logic, the groups or a code list changes. */
  logicHash: string;
}

/**
 * What is counted: the child itself (basis `boolean`), or one episode. A unit that is in no population is left out, so a child who is
 * not in the initial population has none.
 */
export interface Unit {
  /** Ids of the populations it counts in, in the order of the definition, nesting enforced. */
  populations: string[];
  /** By stratifier id, see `stratum.ts`; `''` stands for unknown. A stratifier that does not apply to it is left out. */
  strata: Record<string, string>;
  /** By id of the observation population. */
  observations: Record<string, number>;
  /** The episode, e.g. `Encounter/123`; absent: the child. */
  resource?: string;
}

export interface GroupResult {
  group: string;
  units: Unit[];
  /** References of the resources counted, e.g. `Immunization/123`. */
  evidence: string[];
}

export interface SubjectResult {
  groups: GroupResult[];
  /** By id of the element: its values, as strata are written. Empty: not known. */
  supplemental: Record<string, string[]>;
}

/** A measure that can run. */
export interface ReadyMeasure extends MeasureDefinition {
  /** See `evaluateSubject`. */
  evaluate(
    resources: readonly Resource[],
    period: Period,
    at?: { now: Date; zone: string },
  ): Promise<Result<SubjectResult>>;
  /** The same at once, over a slice that all measures share: records of other types in it are not looked at. */
  answer?(slice: Slice, at: At): Result<SubjectResult>;
  /** The same, from one moment to the next. */
  follow?(slice: Slice, at: At): FollowedAnswer;
  /**
   * The answer at the first of these moments, and when it changes among the others: of a measure that runs in a process of its own, in one turn.
   */
  through?(resources: readonly Resource[], at: Omit<At, 'now'>, moments: readonly Date[]): Promise<AnswerThrough>;
  /** What its logic can see, through every definition that it names; absent: everything of the types in `retrieves`. */
  needs?: readonly Need[];
  /** By group id, what its numerator looks for by code and no other population does: what may close a gap. */
  sought?: ReadonlyMap<string, readonly Need[]>;
  /** Whether time alone may change an answer; absent: looked up in the ELM. */
  readsToday?: boolean;
  /** What is asked of one child beside its populations: explanations, days by which a gap has to be closed. A composite has its components'. */
  questions?: MeasureQuestions;
  /** Of a composite, by group id. */
  components?: ReadonlyMap<string, readonly MeasureComponent[]>;
}

/** A measure that a composite is made of, and those of its groups that count. */
export interface MeasureComponent {
  measure: ReadyMeasure;
  groups: ReadonlySet<string>;
  /** In weighted scoring. */
  weight: number;
}

/** A measure's answer for one child through time. */
export interface FollowedAnswer {
  /** At the moment that was gone to last. */
  answer(): Result<SubjectResult>;
  /** Goes to another moment. True: the answer there is the same. False: it may be another. */
  moveTo(now: Date): boolean;
}
