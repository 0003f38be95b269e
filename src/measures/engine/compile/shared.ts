import { hash } from 'node:crypto';
import type { r4 } from '../../../fhir/types.ts';
import { CodeWatches } from '../model/code-watch.ts';
import type { ValueSet } from '../values/code.ts';
import type { Definition, FunctionDefinition, Library } from './libraries.ts';
import { closureOf, type Reach } from './reach.ts';

/** So many definitions can have a place: what is posted later, over and over, must not take memory for ever. */
const mostDefinitions = 10_000;
const mostValueSets = 10_000;

/**
 * Definitions that mean the same in several measures, because they stand in the same library with the same codes: each has one place
 * in the values that a slice keeps, so a child's hospice care is found out once for all measures. Nothing of any child is in here.
 */
export class SharedDefinitions {
  readonly watches = new CodeWatches();
  readonly #places = new Map<string, number>();
  readonly #valueSets = new Map<string, WeakRef<ValueSet>>();
  readonly #keys = new WeakMap<ValueSet, string>();
  readonly #texts = new WeakMap<object, string>();

  /** How many places there are. */
  get size(): number {
    return this.#places.size;
  }

  /**
   * The place of a part of a library (see `partOf`); undefined when there is no room. `identity`: of the library. What decides what the part says
   * is the text and the value sets that it names itself or by what it refers to: a measure comes with those alone that it needs.
   */
  placeOf(part: string, identity: string, reach: Reach): number | undefined {
    const sets = [...closureOf([reach])].flatMap(({ valueSets }) => [...valueSets]);
    const codes = [...new Set(sets.map((set) => this.#keys.get(set) ?? ''))].sort();
    const key = JSON.stringify([identity, part, codes]);
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
    this.#keys.set(made, key);
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
 * What decides what a library says, but for value sets: its text, and that of what it includes. Parameters that were given are none of it: with such,
 * nothing is shared.
 */
export function identitiesIn(shared: SharedDefinitions): (library: Library) => string {
  const known = new Map<Library, string>();
  const identityOf = (library: Library): string => {
    const before = known.get(library);
    if (before !== undefined) return before;
    // A library that includes itself in a circle has no identity of its own yet; its text is part of the one that began.
    known.set(library, '');
    const parts = [
      library.elm ? shared.hashOf(library.elm) : `${library.id} ${library.version}`,
      ...[...library.includes].map(([alias, included]) => [alias, identityOf(included)]),
    ];
    const identity = hash('sha256', JSON.stringify(parts), 'hex');
    known.set(library, identity);
    return identity;
  };
  return identityOf;
}

/** How a definition, or one of the functions of a name, is told from all other parts of its library. */
export function partOf(part: Definition | FunctionDefinition): string {
  if ('slot' in part) return `definition ${part.name}`;
  return `function ${part.library.functions.get(part.name)?.indexOf(part)} ${part.name}`;
}
