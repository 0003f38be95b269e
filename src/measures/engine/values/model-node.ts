import type { Truth, Value } from './types.ts';

/**
 * An element of the record as the data model sees it: a resource, a complex element, or a primitive with extensions. The model extends it; values
 * and operators know no more of it than this.
 */
export abstract class ModelNode {
  /** Qualified name, e.g. `{http://hl7.org/fhir}Immunization`. */
  abstract readonly typeName: string;
  /** Whether it is of a type or of one that the type was derived from, by qualified name. */
  abstract isOfType(typeName: string): boolean;
  /** CQL's `=`; never called with itself. */
  abstract equalTo(other: ModelNode): Truth;
  /** CQL's `~`; never called with itself. */
  abstract equivalentTo(other: ModelNode): boolean;
  /** The values of its elements, in order. */
  abstract children(): readonly Value[];
}
