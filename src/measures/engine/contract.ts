import type { Result } from '../../base/errors.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Period } from '../types.ts';
import type { SharedDefinitions } from './compile/shared.ts';
import type { FhirModel } from './model/fhir-model.ts';
import type { Slice } from './slice.ts';
import type { Value } from './values/types.ts';
import type { Units } from './values/units.ts';

/** What a measure's logic is made of. */
export interface LogicSource {
  /** ELM as JSON, `{ library: … }`: the library whose definitions a measure names. */
  main: unknown;
  /** The libraries that it includes, directly or not; FHIRHelpers may be absent, because it is known natively. */
  libraries: readonly unknown[];
  /** Each with the codes of its `compose` or its `expansion`. An included filter or value set has to be expanded before. */
  valueSets: readonly r4.ValueSet[];
  model: FhirModel;
  /** Units that were met, shared by the logic of all measures; its own when absent. */
  units?: Units;
  /** What definitions of libraries several measures have: computed once for a slice and period. Its own when absent. */
  shared?: SharedDefinitions;
  /** By name; the measurement period is no part of them: it comes with each evaluation. */
  parameters?: Readonly<Record<string, Value>>;
}

/** What a retrieve can see. */
export interface Need {
  /** Resource type. */
  type: string;
  /** Element that the codes are looked for in, e.g. `vaccineCode`. */
  path?: string;
  /** `system|code`; absent: any code will do. */
  codes?: ReadonlySet<string>;
  /** Canonical URL of the profile it asks for; absent for a plain FHIR type. */
  profile?: string;
  /** URLs of the value sets that the codes come from. */
  valueSets?: readonly string[];
  /** Element whose date the retrieve restricts. */
  datePath?: string;
}

/** The moment of an evaluation. */
export interface At {
  period: Period;
  now: Date;
  /** IANA name of the reporter's time zone: the period's days, Now and Today are counted in it. */
  zone: string;
}

/** One expression, or a part of one, as it came out for a child. Holds the child's records: for who may see them only. */
export interface Explanation {
  library: string;
  /** Name of the definition or function that it is part of. */
  expression: string;
  /** Place in the text of the library, e.g. `44:3-44:45`. */
  locator?: string;
  /** The operator, e.g. `And`, `Exists`; `Definition` for a whole definition. */
  node: string;
  /** The value for people: `true`, `2 Immunization`, `2024-03-01`, `null`. */
  value: string;
  /** Whether it holds, when the value is a truth; null for unknown. */
  holds?: boolean | null;
  /** References of the resources in the value, or that the parts found. */
  references: string[];
  /** What it was made of: both sides of an `and`, the list of an `exists`, the definition that was referred to. */
  parts: Explanation[];
}

/** One child, one moment; each definition is computed at most once. */
export interface Evaluation {
  /** Error `unprocessable` names library, expression and place; never a value of the record. */
  value(definition: string): Result<Value>;
  /** Calls a function of the main library: measure observations, stratifiers of episodes. */
  apply(fn: string, args: readonly Value[]): Result<Value>;
  /** Explained mode: much slower than `value`, for one child. */
  explain(definitions: readonly string[]): Result<Explanation[]>;
  /** `Immunization/123` when the value is a resource of the slice that has an id. */
  referenceOf(value: Value): string | undefined;
}

/** A library with all that it includes, compiled once; holds nothing of any child. */
export interface Logic {
  library: { id: string; version: string };
  /** Expressions of the main library. */
  definitions: ReadonlySet<string>;
  /** Functions of the main library with the number of their operands. */
  functions: readonly { name: string; operands: number }[];
  /** Parameters of the main library. */
  parameters: ReadonlySet<string>;
  /** What these definitions or functions can see, through every include and function. */
  retrievesOf(names: readonly string[]): readonly Need[];
  /** Whether any of them asks what day it is, so that its answer may change by time alone. */
  readsToday(names: readonly string[]): boolean;
  /** Computes nothing yet. Throws when the zone or a day of the period is none: a caller has to know better. */
  over(slice: Slice, at: At): Evaluation;
  /** The same, for one child through several moments. */
  follow(slice: Slice, at: At): Followed;
}

/** An evaluation that goes from moment to moment: what is the same at the next is not computed again. */
export interface Followed {
  evaluation: Evaluation;
  /** Goes to another moment. True: nothing that was asked of the evaluation is another there. False: it may be, ask again. */
  moveTo(now: Date): boolean;
}
