import type { Binding, Constraint } from './schema.ts';

/** A profile as what it asks beyond the base definition: a tree in which elements without a rule do not appear. */
export interface ProfileRules {
  url: string;
  /** For texts; from the definition, never from the resource. */
  name: string;
  type: string;
  root: Rule;
  /** Extensions: where they may stand, by element path; undefined when that cannot be decided here. */
  contexts?: readonly string[];
  isModifier: boolean;
  /** Some of it is beyond this validator (`profile-compile.ts` says what). */
  isPartial: boolean;
}

export interface Rule {
  /** In a location: `category`, or the slice's element. */
  element: string;
  /** How JSON spells it: one for each type of a choice. */
  properties: readonly Spelling[];
  min: number;
  max: number;
  types?: ReadonlySet<string>;
  fixed?: { value: unknown };
  pattern?: { value: unknown };
  maxLength?: number;
  constraints: readonly Constraint[];
  targets?: ReadonlySet<string>;
  binding?: Binding;
  /** The value must conform to one of these. */
  profiles?: readonly string[];
  children: readonly Rule[];
  slicing?: Slicing;
}

export interface Spelling {
  property: string;
  type: string;
  isChoice: boolean;
  isList: boolean;
}

interface Slicing {
  rules: 'open' | 'closed' | 'openAtEnd';
  isOrdered: boolean;
  slices: readonly Slice[];
}

export interface Slice {
  name: string;
  tests: readonly SliceTest[];
  rule: Rule;
}

/** An occurrence of an element. A primitive's id and extensions are in `extra`. */
export interface Item {
  value?: unknown;
  extra?: unknown;
  type: string;
  path: string;
}

/** Whether an occurrence belongs to a slice by one discriminator; undefined when that cannot be said. */
export type SliceTest = (item: Item, at: SliceTestContext) => boolean | undefined;

export interface SliceTestContext {
  root: Record<string, unknown>;
  conforms: (value: unknown, profiles: readonly string[]) => boolean | undefined;
  inBinding: (value: unknown, url: string) => boolean | undefined;
}
