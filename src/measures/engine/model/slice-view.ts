import type { Resource } from '../../../fhir/types.ts';
import type { Period } from '../../types.ts';
import type { ValueSet } from '../values/code.ts';
import type { Value } from '../values/types.ts';
import { CodeIndex, recordsWith } from './code-index.ts';
import type { CodeWatch } from './code-watch.ts';
import { FhirElement } from './element.ts';
import type { FhirModel, FhirType } from './fhir-model.ts';
import { isObject } from './json.ts';
import type { Zone } from './zone.ts';

/** What was found of a child once for all measures, by place (compile/shared.ts). */
export interface SharedValues {
  /** Of definitions; undefined where nothing was found yet. */
  readonly values: (Value | undefined)[];
  /** Of calls of functions with one operand, by that; with several, by one after the other. */
  readonly calls: (Kept | undefined)[];
}

/** Values by the one before the last operand; between them by the others, one after the other. */
export type Kept = Map<Value, Value | KeptFurther>;
interface KeptFurther extends Kept {}

interface Shared {
  owner: object;
  start: string;
  end: string;
  nowMs: number;
  shared: SharedValues;
  sharedNow: SharedValues;
}

const none: readonly FhirElement[] = [];

/** One child's records in one time zone, as elements, and found by type and code. Made as it is asked. */
export class SliceView {
  readonly moment: Zone;
  readonly model: FhirModel;
  /** As they came, until logic asks for the type: most measures look at few of the types that a child has. */
  readonly #records = new Map<string, Resource[]>();
  readonly #byType = new Map<string, readonly FhirElement[]>();
  /** By the place of the watch. */
  readonly #indexes: (CodeIndex | undefined)[] = [];
  #shared: Shared | undefined;

  constructor(model: FhirModel, zone: Zone, resources: readonly Resource[]) {
    this.moment = zone;
    this.model = model;
    // Records of one type follow each other.
    let last = '';
    let ofLast: Resource[] | undefined;
    for (const resource of resources) {
      const type: unknown = resource?.resourceType;
      if (typeof type !== 'string') continue;
      if (type !== last || !ofLast) {
        last = type;
        ofLast = this.#records.get(type);
        if (!ofLast) {
          ofLast = [];
          this.#records.set(type, ofLast);
        }
      }
      ofLast.push(resource);
    }
  }

  /** The type that a resource says it has. */
  typeOf(json: unknown): FhirType | undefined {
    return isObject(json) && typeof json.resourceType === 'string' ? this.model.resource(json.resourceType) : undefined;
  }

  /**
   * What several measures have for one period, and for one moment in it: the last that were asked for. `owner` is who gave the parts of
   * libraries their places.
   */
  sharedValues(
    owner: object,
    { start, end }: Period,
    nowMs: number,
  ): { readonly shared: SharedValues; readonly sharedNow: SharedValues } {
    const last = this.#shared;
    const isSame = last?.owner === owner && last.start === start && last.end === end;
    if (isSame && last.nowMs === nowMs) return last;
    const shared = isSame ? last.shared : newShared();
    this.#shared = { owner, start, end, nowMs, shared, sharedNow: newShared() };
    return this.#shared;
  }

  all(type: string): readonly FhirElement[] {
    const known = this.#byType.get(type);
    if (known) return known;
    const made = this.#elementsOf(type);
    this.#byType.set(type, made);
    return made;
  }

  #elementsOf(name: string): readonly FhirElement[] {
    const records = this.#records.get(name);
    // What FHIR does not know, no logic asks for.
    const type = records && this.model.resource(name);
    return type ? records.map((record) => new FhirElement(type, record, undefined, this)) : none;
  }

  /** Records of the type with a code of the watched value set at its element, in the order of the slice. */
  coded(watch: CodeWatch, number: number): readonly FhirElement[] {
    const known = this.#indexes[watch.place];
    if (known?.knows(watch, number)) return known.find(number);
    const all = this.all(watch.type);
    if (all.length === 0) return none;
    const made = new CodeIndex(all, watch);
    this.#indexes[watch.place] = made;
    return made.find(number);
  }

  /** The same for any value set. */
  codedBy({ type, path }: CodeWatch, set: ValueSet): readonly FhirElement[] {
    return recordsWith(set, this.all(type), path);
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
}

function newShared(): SharedValues {
  return { values: [], calls: [] };
}
