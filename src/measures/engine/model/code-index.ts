import type { ValueSet } from '../values/code.ts';
import { addCodes, type CodeSink, canonicalOf } from './code-keys.ts';
import type { CodeWatch } from './code-watch.ts';
import type { FhirElement } from './element.ts';

const none: readonly FhirElement[] = [];

/** A child's records of one type by the value sets that list a code of theirs at one element: gone through once for all sets. */
export class CodeIndex implements CodeSink {
  readonly #watch: CodeWatch;
  /** How many value sets were watched for when this was made. */
  readonly #size: number;
  /** By the number of the value set, in the order of the slice, each record once. */
  readonly #found: (FhirElement[] | undefined)[] = [];

  constructor(records: readonly FhirElement[], watch: CodeWatch) {
    this.#watch = watch;
    this.#size = watch.size;
    for (const record of records) addCodes(record, watch.path, this);
  }

  /** False for what another compiler watches for, and for a value set that came later. */
  knows(watch: CodeWatch, number: number): boolean {
    return this.#watch === watch && number < this.#size;
  }

  /** Records with a code of the value set of that number; the same list is handed out again. */
  find(number: number): readonly FhirElement[] {
    return this.#found[number] ?? none;
  }

  addCoding(system: string, code: string, record: FhirElement): void {
    this.#add(this.#watch.listing(system, code), record);
  }

  addBare(code: string, record: FhirElement): void {
    this.#add(this.#watch.listingText(code), record);
  }

  addWholeSet(url: string, record: FhirElement): void {
    this.#add(this.#watch.ofUrl(url), record);
  }

  #add(numbers: readonly number[], record: FhirElement): void {
    for (const number of numbers) {
      const found = this.#found[number];
      // A record may name several codes of a set, one after the other.
      if (!found) this.#found[number] = [record];
      else if (found.at(-1) !== record) found.push(record);
    }
  }
}

/** The same for a value set that nobody watches for: one that the logic makes of what it finds. */
export function recordsWith(set: ValueSet, records: readonly FhirElement[], path: string): readonly FhirElement[] {
  let isFound = false;
  const look: CodeSink = {
    addCoding: (system, code) => {
      if (set.codesOf(system)?.has(code)) isFound = true;
    },
    addBare: (code) => {
      if (set.hasText(code)) isFound = true;
    },
    addWholeSet: (url) => {
      if (canonicalOf(set.id) === url) isFound = true;
    },
  };
  return records.filter((record) => {
    isFound = false;
    addCodes(record, path, look);
    return isFound;
  });
}
