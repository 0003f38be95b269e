import type { ValueSet } from '../values/code.ts';
import { addCodes, canonicalOf } from './code-keys.ts';
import type { FhirElement } from './element.ts';

/** Places in the list of all records of a type, ascending and each once. */
type Places = number[];

const none: readonly FhirElement[] = [];

/** Records of one type by the codes at one path. */
export class CodeIndex {
  readonly #records: readonly FhirElement[];
  /** By system and code. */
  readonly #systems = new Map<string, Map<string, Places>>();
  /** Of elements whose system FHIR implies (`status`). */
  readonly #bare = new Map<string, Places>();
  /** What was not done may be said by a whole value set: by its URL. */
  readonly #wholeSets = new Map<string, Places>();
  /** What was found for a value set; the same list is handed out again. */
  readonly #found = new Map<ValueSet, readonly FhirElement[]>();

  constructor(records: readonly FhirElement[], path: string) {
    this.#records = records;
    for (let place = 0; place < records.length; place++) {
      const record = records[place];
      if (record) addCodes(record, path, this, place);
    }
  }

  addCoding(system: string, code: string, place: number): void {
    const codes = this.#systems.get(system);
    if (codes) add(codes, code, place);
    else this.#systems.set(system, new Map([[code, [place]]]));
  }

  addBare(code: string, place: number): void {
    add(this.#bare, code, place);
  }

  addWholeSet(url: string, place: number): void {
    add(this.#wholeSets, url, place);
  }

  /** Records with a code of the set, in the order of the slice. */
  find(set: ValueSet): readonly FhirElement[] {
    const known = this.#found.get(set);
    if (known) return known;
    const found = this.#look(set);
    this.#found.set(set, found);
    return found;
  }

  #look(set: ValueSet): readonly FhirElement[] {
    const hits: Places[] = [];
    const whole = this.#wholeSets.size > 0 ? this.#wholeSets.get(canonicalOf(set.id)) : undefined;
    if (whole) hits.push(whole);
    for (const [system, codes] of this.#systems) {
      const wanted = set.codesOf(system);
      if (wanted) for (const [code, places] of codes) if (wanted.has(code)) hits.push(places);
    }
    for (const [code, places] of this.#bare) if (set.hasText(code)) hits.push(places);
    const [only] = hits;
    if (!only) return none;
    const places = hits.length === 1 ? only : [...new Set(hits.flat())].sort((a, b) => a - b);
    const records: FhirElement[] = [];
    for (const place of places) {
      const record = this.#records[place];
      if (record) records.push(record);
    }
    return records;
  }
}

/** A record may name a code several times, one time after the other. */
function add(to: Map<string, Places>, key: string, place: number): void {
  const places = to.get(key);
  if (!places) to.set(key, [place]);
  else if (places.at(-1) !== place) places.push(place);
}
