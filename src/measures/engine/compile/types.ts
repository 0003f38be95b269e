import type { Value } from '../values/types.ts';
import type { Run } from './run.ts';

/** A node of ELM as JSON (urn:hl7-org:elm:r1). What else it has is looked at where it is compiled. */
export interface ElmNode {
  type?: string;
  /** Lines and columns of the CQL text it was translated from, e.g. `31:3-31:90`. */
  locator?: string;
  localId?: string;
  [property: string]: unknown;
}

/** Compiled code: synchronous, and it knows everything but the child at hand. */
export type Compiled = (frame: Frame) => Value;

/** When and where an evaluation takes place: what Now, Today and a time without an offset depend on. */
export interface Moment {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly nowMs: number;
  /** IANA name, e.g. `America/Chicago`. */
  readonly zone: string;
  /** The zone's offset from UTC, in minutes, at an instant. */
  offsetAt(instantMs: number): number;
  /** The zone's offset from UTC, in minutes, when its clocks show a time; `localMs` is that time as if it were UTC. */
  offsetAtLocal(localMs: number): number;
}

/** What compiled code runs on: one child, one moment, and the aliases, lets and operands at hand. */
export interface Frame {
  readonly moment: Moment;
  /** Aliases, lets and operands, by the slot that the compiler gave each; undefined: a let that was not asked for yet. */
  readonly locals: (Value | undefined)[];
  readonly run: Run;
}

/** Where a node stands, for errors. */
export interface Place {
  readonly library: string;
  readonly expression: string;
}
