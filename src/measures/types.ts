import type { Result } from '../base/errors.ts';
import type { Resource, r4 } from '../fhir/types.ts';

/** A measurement period in whole days, both included: `2026-01-01` to `2026-12-31`. */
export interface Period {
  start: string;
  end: string;
}

/** One population of a group: which expression decides it, and which expressions hold what it counted. */
interface PopulationDefinition {
  /** Code of http://terminology.hl7.org/CodeSystem/measure-population, e.g. `denominator-exclusion`. */
  code: string;
  expression: string;
  evidence: readonly string[];
}

export interface GroupDefinition {
  id: string;
  populations: readonly PopulationDefinition[];
}

/** A measure as authored in profiles/measures/<name>, with the ELM of the build. */
export interface MeasureDefinition {
  name: string;
  resource: r4.Measure;
  groups: readonly GroupDefinition[];
  /** Name and version of the CQL library. */
  library: { id: string; version: string };
  cql: string;
  /** The content of an ELM JSON file: `{ library }`. */
  elm: unknown;
  valueSets: readonly r4.ValueSet[];
  /** Resource types the logic reads, `Patient` among them. */
  retrieves: readonly string[];
  /** Changes when the logic, the groups or a code list changes. */
  logicHash: string;
}

export interface GroupResult {
  group: string;
  /** Membership by population code, in the order of the definition. */
  populations: Record<string, boolean>;
  /** References of the resources counted, e.g. `Immunization/123`. */
  evidence: string[];
}

export interface SubjectResult {
  groups: GroupResult[];
}

/** A measure that can run. */
export interface ReadyMeasure extends MeasureDefinition {
  /** See `evaluateSubject`. */
  evaluate(resources: readonly Resource[], period: Period): Promise<Result<SubjectResult>>;
}
