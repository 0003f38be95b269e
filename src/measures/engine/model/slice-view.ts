import type { Resource } from '../../../fhir/types.ts';
import type { Period } from '../../types.ts';
import type { ValueSet } from '../values/code.ts';
import type { Value } from '../values/types.ts';
import { CodeIndex } from './code-index.ts';
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

/** An element of a resource type in which codes are looked for. */
export interface CodedPath {
  readonly type: string;
  readonly path: string;
  /** Both in one, put together once and not with every look. */
  readonly name: string;
}

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
  readonly #byType = new Map<string, FhirElement[]>();
  readonly #indexes = new Map<string, CodeIndex>();
  #shared: Shared | undefined;

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
    return this.#byType.get(type) ?? none;
  }

  /** Records of a type with a code of the set at `path`, in the order of the slice. */
  coded({ type, path, name }: CodedPath, codes: ValueSet): readonly FhirElement[] {
    const known = this.#indexes.get(name);
    if (known) return known.find(codes);
    const all = this.all(type);
    if (all.length === 0) return none;
    const index = new CodeIndex(all, path);
    this.#indexes.set(name, index);
    return index.find(codes);
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
