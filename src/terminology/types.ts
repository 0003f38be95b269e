import type { Result } from '../base/errors.ts';
import type { Resource, r4 } from '../fhir/types.ts';
import type { Store } from '../store/types.ts';

/** One concept of a code system, wherever it is kept. */
export interface Concept {
  code: string;
  display?: string;
  /** Codes of the direct parents in the is-a hierarchy. */
  parents: readonly string[];
  /** Values of each property, as text. */
  properties: Readonly<Record<string, readonly string[]>>;
  designations: readonly Designation[];
  active: boolean;
  /** Not meant to be chosen by a person (R4: notSelectable). */
  abstract: boolean;
}

export type Designation = Pick<r4.CodeSystemConceptDesignation, 'language' | 'use' | 'value'>;

/** A filter of a value set, checked against its code system. */
export interface ConceptFilter {
  property: string;
  op: 'is-a' | 'descendent-of' | 'is-not-a' | 'generalizes' | 'in' | 'not-in' | '=' | 'regex' | 'exists';
  /** The alternatives of `in` and `not-in`; one value otherwise. */
  values: readonly string[];
}

/** Which concepts of a system are wanted; everything given must hold. */
export interface Selection {
  filters: readonly ConceptFilter[];
  /** Only these codes. */
  among?: readonly string[];
  /** Each must begin a word of the display or the code. */
  words: readonly string[];
  activeOnly: boolean;
}

/** A code system, read from a resource in memory or from the concept tables. */
export interface SystemReader {
  url: string;
  version?: string;
  name?: string;
  /** False when only a part of the concepts is here (R4: content is fragment, example or not-present). */
  complete: boolean;
  /** Types of the declared properties by name. */
  properties: ReadonlyMap<string, string>;
  /** Concepts in the order of the system; unknown codes are left out. */
  find(codes: readonly string[]): Promise<Concept[]>;
  /** Concepts in the order of the system. `too-costly` when there are more than `limits.terminology.expansion`. */
  select(selection: Selection): Promise<Result<Concept[]>>;
  /** Codes above this one, however far. */
  ancestors(code: string): Promise<ReadonlySet<string>>;
}

/** Where canonical URLs lead. Without a version: the newest. */
export interface Library {
  system(url: string, version?: string): Promise<SystemReader | undefined>;
  valueSet(url: string, version?: string): Promise<r4.ValueSet | undefined>;
  conceptMap(url: string, version?: string): Promise<r4.ConceptMap | undefined>;
}

/**
 * What an operation here is given and answers: the part of the house's `Operation` that this room uses. Told again, because
 * the room lies further in than the Module type.
 */
export interface OperationInput {
  store: Store;
  id?: string;
  parameters: {
    text(name: string): string | undefined;
    texts(name: string): string[];
    resource(name: string): Resource | undefined;
    value?(name: string): unknown;
  };
}

export interface TerminologyOperation {
  name: string;
  definition: string;
  level: 'type' | 'instance';
  resourceType: string;
  affectsState: false;
  requires: readonly (readonly [type: string, interactions: string])[];
  handle(input: OperationInput): Promise<Result<Resource>>;
}

/** A concept as it stands in an expansion. */
export interface Member {
  system: string;
  version?: string;
  code: string;
  display?: string;
  designations: readonly Designation[];
  active: boolean;
  abstract: boolean;
}
