import type { Resource } from '../../src/fhir/types.ts';

/** A published test case: a child, and how often it has to count in each population, group by group. */
export interface PublishedCase {
  case: string;
  description?: string;
  period: { start: string; end: string };
  expected: { population: { code: string; count: number }[] }[];
  bundle: { entry: { resource: Resource }[] };
}

/** A published value set with those of its codes that the cases use. */
export interface PublishedValueSet {
  url: string;
  title?: string;
  /** `system|code`. */
  codesInTheseCases: string[];
}

/** What `published-cases.json` beside a measure says. */
export interface CaseMapping {
  /** Ids of our groups, in the order in which the cases expect theirs. */
  groups: string[];
  /** By URL of our value sets: URLs of published ones, or single `system|code`. A set that is not named keeps our codes. */
  valueSets: Record<string, string[]>;
  /** By case id: why our answer differs, and has to. */
  explained?: Record<string, string>;
}
