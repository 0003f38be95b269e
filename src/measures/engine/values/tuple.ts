import type { Value } from './types.ts';

/** A structured value with named elements. An element that is absent is null. */
export class Tuple {
  readonly elements: Readonly<Record<string, Value>>;

  constructor(elements: Readonly<Record<string, Value>>) {
    this.elements = elements;
  }

  get(name: string): Value {
    // Object.hasOwn: an element may be called `constructor`.
    return Object.hasOwn(this.elements, name) ? (this.elements[name] ?? null) : null;
  }
}
