import type { SearchParam } from './query.ts';
import type { WalkPath, WalkStep } from './walk-path.ts';

/**
 * What the parts of a composite parameter are and where they must be found together (FHIR R4, search.html#composite). Worked out when
 * the definitions are built.
 */
export interface CompositeShape {
  /** How each part of a value `a$b` is read: its kind, and its targets. */
  parts: SearchParam[];
  /** All parts must be met in one element of one of these. */
  places: CompositePlace[];
}

export interface CompositePlace {
  /** Names the place and its parts; parameters that agree in it share their index entries. */
  key: string;
  /** From the resource to the elements. */
  steps: readonly WalkStep[];
  /** There is one such element in a resource at most: parts that are in the resource are in one element. */
  isSingle: boolean;
  /** In the order of `CompositeShape.parts`. */
  parts: PlacePart[];
}

export interface PlacePart {
  /** From the element. */
  paths: readonly WalkPath[];
  /** From the resource instead (`%resource.…`). */
  fromRoot: boolean;
  /**
   * The parameter of this type whose index answers for this part: it ends at exactly the same places, or, where numbers are
   * indexed by place, at these among others.
   */
  own?: string;
}

/** Whether the parts may be asked one by one: each has an index of its own, and there is no other element to be mistaken for. */
export function answersApart({ isSingle, parts }: CompositePlace): boolean {
  return isSingle && parts.every(({ own }) => own !== undefined);
}
