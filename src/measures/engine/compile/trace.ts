import type { Value } from '../values/types.ts';
import type { Definition } from './libraries.ts';
import type { Place } from './types.ts';

/** A node of the text where a trace looks: one object for each node. */
export interface Point {
  /** In the text, e.g. `44:3-44:45`. */
  readonly locator: string | undefined;
  /** The type of the node; `Definition` for a whole definition. */
  readonly kind: string;
  readonly place: Place;
}

/** What came out of a node at one place of the evaluation; inside of a query, of all its rows together. */
export interface TraceEntry {
  readonly point: Point;
  readonly parts: Map<Point, TraceEntry>;
  /** The value of the last time. */
  value: Value;
  times: number;
  /** How many times it was true. */
  trueTimes: number;
  isFaulty: boolean;
}

/** Records what came out of each node while traced code runs; also where the first fault arose. */
export class Trace {
  readonly root: TraceEntry;
  /** The innermost node that faulted and stands in the text: conversions that the translator puts in have no place of their own. */
  faultAt: Point | undefined;
  #current: TraceEntry;
  readonly #definitions = new Map<Definition, TraceEntry>();

  constructor() {
    this.root = newEntry({ locator: undefined, kind: 'Root', place: { library: '', expression: '' } });
    this.#current = this.root;
  }

  /** A node that a fault goes through, from the inside to the outside. */
  blame(point: Point): void {
    if (this.faultAt === undefined || (this.faultAt.locator === undefined && point.locator !== undefined))
      this.faultAt = point;
  }

  /** Runs code that stands at a point. */
  at(point: Point, run: () => Value): Value {
    const outer = this.#current;
    const known = outer.parts.get(point);
    const entry = known ?? newEntry(point);
    if (!known) outer.parts.set(point, entry);
    this.#current = entry;
    try {
      const value = run();
      entry.value = value;
      entry.times++;
      if (value === true) entry.trueTimes++;
      return value;
    } catch (fault) {
      entry.isFaulty = true;
      this.blame(point);
      throw fault;
    } finally {
      this.#current = outer;
    }
  }

  /** The same for a definition, which is computed once: whoever refers to it again is shown the same entry. */
  atDefinition(definition: Definition, point: Point, run: () => Value): Value {
    const known = this.#definitions.get(definition);
    if (known && !known.isFaulty) {
      this.#current.parts.set(point, known);
      return run();
    }
    const value = this.at(point, run);
    const entry = this.#current.parts.get(point);
    if (entry) this.#definitions.set(definition, entry);
    return value;
  }
}

function newEntry(point: Point): TraceEntry {
  return { point, parts: new Map(), value: null, times: 0, trueTimes: 0, isFaulty: false };
}
