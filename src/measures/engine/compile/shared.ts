import { hash } from 'node:crypto';
import type { r4 } from '../../../fhir/types.ts';
import type { ValueSet } from '../values/code.ts';
import { entriesOf } from './elm.ts';
import type { Definition, FunctionDefinition, Library } from './libraries.ts';
import type { ElmNode } from './types.ts';
import { candidatesFor } from './vocabulary.ts';

/** So many definitions can have a place: what is posted later, over and over, must not take memory for ever. */
const mostDefinitions = 10_000;
const mostValueSets = 10_000;

/**
 * Definitions that mean the same in several measures, because they stand in the same library with the same codes: each has one place
 * in the values that a slice keeps, so a child's hospice care is found out once for all measures. Nothing of any child is in here.
 */
export class SharedDefinitions {
  readonly #places = new Map<string, number>();
  readonly #valueSets = new Map<string, WeakRef<ValueSet>>();
  readonly #texts = new WeakMap<object, string>();

  /** How many places there are. */
  get size(): number {
    return this.#places.size;
  }

  /** The place of a part of a library (see `partOf`); undefined when there is no room. `identity`: of the library. */
  placeOf(part: string, identity: string): number | undefined {
    const key = `${identity} ${part}`;
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    if (this.#places.size >= mostDefinitions) return undefined;
    const place = this.#places.size;
    this.#places.set(key, place);
    return place;
  }

  /** One object for value sets that say the same: what a slice found for it is found for all measures. */
  valueSet(url: string, set: r4.ValueSet, make: () => ValueSet): ValueSet {
    const key = `${url} ${this.hashOf(set)}`;
    const known = this.#valueSets.get(key)?.deref();
    if (known) return known;
    const made = make();
    if (this.#valueSets.size < mostValueSets) this.#valueSets.set(key, new WeakRef(made));
    return made;
  }

  /** The hash of a text as JSON. */
  hashOf(json: object): string {
    const known = this.#texts.get(json);
    if (known !== undefined) return known;
    const made = hash('sha256', JSON.stringify(json), 'hex');
    this.#texts.set(json, made);
    return made;
  }
}

/**
 * What decides everything that a library says: its text, the value sets that it declares as they are found for this measure, and the same of
 * what it includes. Parameters that were given are none of it: with such, nothing is shared.
 */
export function identitiesIn(
  shared: SharedDefinitions,
  valueSets: readonly r4.ValueSet[],
): (library: Library) => string {
  const known = new Map<Library, string>();
  const identityOf = (library: Library): string => {
    const before = known.get(library);
    if (before !== undefined) return before;
    // A library that includes itself in a circle has no identity of its own yet; its text is part of the one that began.
    known.set(library, '');
    const parts = [
      library.elm ? shared.hashOf(library.elm) : `${library.id} ${library.version}`,
      ...declaredSets(library.elm).map((set) => candidatesFor(set, valueSets).map((each) => shared.hashOf(each))),
      ...[...library.includes].map(([alias, included]) => [alias, identityOf(included)]),
    ];
    const identity = hash('sha256', JSON.stringify(parts), 'hex');
    known.set(library, identity);
    return identity;
  };
  return identityOf;
}

/** How a definition is told from all other parts of its library. */
export function partOf({ name }: Definition): string {
  return `definition ${name}`;
}

/** The same for a call of a function with the values of definitions, each with the identity of its library. */
export function callPartOf({ name }: FunctionDefinition, operands: readonly (readonly [string, string])[]): string {
  return `call ${JSON.stringify([name, ...operands])}`;
}

function declaredSets(elm: ElmNode | undefined): ElmNode[] {
  return elm ? entriesOf(elm, 'valueSets') : [];
}
