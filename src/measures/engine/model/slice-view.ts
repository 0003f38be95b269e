import type { Resource } from '../../../fhir/types.ts';
import type { Period } from '../../types.ts';
import type { ValueSet } from '../values/code.ts';
import type { Value } from '../values/types.ts';
import { codeKeys, isValueSetKey, valueSetKey } from './code-keys.ts';
import { FhirElement } from './element.ts';
import type { FhirModel, FhirType } from './fhir-model.ts';
import { isObject } from './json.ts';
import type { Zone } from './zone.ts';

/** Records of one type by the codes at one path. */
interface CodeIndex {
  /** By `system|code`: places in the list of all records of the type. */
  places: Map<string, number[]>;
  /** Whether a record names a whole value set as what was not done. */
  hasWholeSets: boolean;
  /** What was found for a value set; the same list is handed out again. */
  found: Map<ValueSet, readonly FhirElement[]>;
}

interface SharedValues {
  owner: object;
  start: string;
  end: string;
  values: (Value | undefined)[];
}

const none: readonly FhirElement[] = [];

/** One child's records in one time zone, as elements, and found by type and code. Made as it is asked. */
export class SliceView {
  readonly moment: Zone;
  readonly model: FhirModel;
  readonly #byType = new Map<string, FhirElement[]>();
  readonly #indexes = new Map<string, CodeIndex>();
  #shared: SharedValues | undefined;

  constructor(model: FhirModel, zone: Zone, resources: readonly Resource[]) {
    this.moment = zone;
    this.model = model;
    for (const resource of resources) {
      const type = this.typeOf(resource);
      // What FHIR does not know, no logic asks for.
      if (!type) continue;
      const element = new FhirElement(type, resource, undefined, this);
      const ofType = this.#byType.get(type.name);
      if (ofType) ofType.push(element);
      else this.#byType.set(type.name, [element]);
    }
  }

  /** The type that a resource says it has. */
  typeOf(json: unknown): FhirType | undefined {
    return isObject(json) && typeof json.resourceType === 'string' ? this.model.resource(json.resourceType) : undefined;
  }

  /**
   * Values of definitions that several measures have, for one period: the last that was asked for. `owner` is who gave the definitions
   * their places.
   */
  sharedValues(owner: { readonly size: number }, { start, end }: Period): (Value | undefined)[] {
    const last = this.#shared;
    if (last?.owner === owner && last.start === start && last.end === end) return last.values;
    const values = new Array<Value | undefined>(owner.size);
    this.#shared = { owner, start, end, values };
    return values;
  }

  all(type: string): readonly FhirElement[] {
    return this.#byType.get(type) ?? none;
  }

  /** Records of a type with a code of the set at `path`, in the order of the slice. */
  coded(type: string, path: string, codes: ValueSet): readonly FhirElement[] {
    const all = this.all(type);
    if (all.length === 0) return none;
    const index = this.#index(type, path, all);
    const known = index.found.get(codes);
    if (known) return known;
    const found = new Set(index.hasWholeSets ? index.places.get(valueSetKey(codes.id)) : undefined);
    let hits = found.size > 0 ? 1 : 0;
    for (const [key, places] of index.places) {
      // A bare code (`status`) has no system of its own.
      const isMember = key.startsWith('|') ? codes.hasText(key.slice(1)) : codes.hasKey(key);
      if (!isMember) continue;
      hits++;
      for (const place of places) found.add(place);
    }
    const places = hits > 1 ? [...found].sort((a, b) => a - b) : [...found];
    const records = places.flatMap((place) => all[place] ?? []);
    index.found.set(codes, records);
    return records;
  }

  /** The record that a reference leads to, when it is in the slice or contained in `from`. */
  resolve(reference: string, from: FhirElement): FhirElement | undefined {
    if (reference.startsWith('#')) {
      const id = reference.slice(1);
      for (const contained of from.each('contained')) {
        if (contained instanceof FhirElement && isObject(contained.json) && contained.json.id === id) return contained;
      }
      return undefined;
    }
    const [, type = '', id] =
      /(?:^|\/)([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/.+)?$/.exec(reference) ?? [];
    return this.all(type).find(({ json }) => isObject(json) && json.id === id);
  }

  #index(type: string, path: string, all: readonly FhirElement[]): CodeIndex {
    const name = `${type}.${path}`;
    const known = this.#indexes.get(name);
    if (known) return known;
    const places = new Map<string, number[]>();
    all.forEach((record, place) => {
      for (const key of codeKeys(record, path)) {
        const at = places.get(key);
        if (at) at.push(place);
        else places.set(key, [place]);
      }
    });
    const hasWholeSets = [...places.keys()].some(isValueSetKey);
    const index: CodeIndex = { places, hasWholeSets, found: new Map() };
    this.#indexes.set(name, index);
    return index;
  }
}
