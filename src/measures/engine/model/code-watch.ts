import type { ValueSet } from '../values/code.ts';
import { canonicalOf } from './code-keys.ts';

/** So many value sets are watched for at one element: what is posted later, over and over, must not take memory for ever. */
const mostSets = 1000;

const nobody: readonly number[] = [];

/**
 * The value sets that logic looks for at one element of a resource type, by the codes that they list, so that a child's records are
 * gone through once for all of them. Nothing of any child is in here.
 */
export class CodeWatch {
  readonly type: string;
  readonly path: string;
  /** Of all watches: the place of a child's records that it found. */
  readonly place: number;
  readonly #sets = new Map<ValueSet, number>();
  readonly #systems = new Map<string, Map<string, number[]>>();
  /** By code alone, for elements whose system FHIR implies (`status`). */
  readonly #bare = new Map<string, number[]>();
  /** What was not done may be said by a whole value set: by its URL without a version. */
  readonly #urls = new Map<string, number[]>();

  constructor(type: string, path: string, place: number) {
    this.type = type;
    this.path = path;
    this.place = place;
  }

  /** How many value sets have a number. */
  get size(): number {
    return this.#sets.size;
  }

  /** The number of a value set, which it has from now on; undefined when there is no room. */
  numberOf(set: ValueSet): number | undefined {
    const known = this.#sets.get(set);
    if (known !== undefined || this.#sets.size >= mostSets) return known;
    const number = this.#sets.size;
    this.#sets.set(set, number);
    for (const { system, code } of set.codes) {
      if (system) add(within(this.#systems, system), code ?? '', number);
      add(this.#bare, code ?? '', number);
    }
    add(this.#urls, canonicalOf(set.id), number);
    return number;
  }

  /** The numbers of the value sets that list a code, ascending. */
  listing(system: string, code: string): readonly number[] {
    return this.#systems.get(system)?.get(code) ?? nobody;
  }

  /** Of those that list a code in any system. */
  listingText(code: string): readonly number[] {
    return this.#bare.get(code) ?? nobody;
  }

  /** Of those of a URL. */
  ofUrl(url: string): readonly number[] {
    return this.#urls.get(url) ?? nobody;
  }
}

/** Watches by type and element, each made once. */
export class CodeWatches {
  readonly #watches = new Map<string, CodeWatch>();

  at(type: string, path: string): CodeWatch {
    const name = `${type}.${path}`;
    const known = this.#watches.get(name);
    if (known) return known;
    const made = new CodeWatch(type, path, this.#watches.size);
    this.#watches.set(name, made);
    return made;
  }
}

function within(systems: Map<string, Map<string, number[]>>, system: string): Map<string, number[]> {
  const known = systems.get(system);
  if (known) return known;
  const made = new Map<string, number[]>();
  systems.set(system, made);
  return made;
}

/** A value set may list a code several times, one time after the other. */
function add(to: Map<string, number[]>, key: string, number: number): void {
  const numbers = to.get(key);
  if (!numbers) to.set(key, [number]);
  else if (numbers.at(-1) !== number) numbers.push(number);
}
