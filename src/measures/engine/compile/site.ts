import type { FhirModel } from '../model/fhir-model.ts';
import type { Surroundings } from '../operators/types.ts';
import type { Definition, FunctionDefinition, Library, Parameter } from './libraries.ts';
import type { Shelf } from './once.ts';
import type { Reach } from './reach.ts';
import type { Compiled, ElmNode, Place } from './types.ts';
import type { Vocabulary } from './vocabulary.ts';

/** An alias, let or operand that can be seen from a node, and those around it. */
export interface Name {
  readonly name: string;
  readonly slot: number;
  /** For a let: its code, run when it is first asked for in a row. */
  readonly lazy?: Compiled;
  readonly outer: Name | undefined;
}

/** The locals of one body: a definition or a function. Slots of what is no longer seen are used again. */
export interface Slots {
  next: number;
  /** How many a frame of this body needs. */
  size: number;
  /** Sets that are told of each slot that is read while they listen. */
  readonly listeners: Set<number>[];
}

/** What compiles references to other definitions and functions. */
export interface Program {
  readonly model: FhirModel;
  readonly vocabulary: Vocabulary;
  /** True when every node is to say what came out of it: slower, and for one child. */
  readonly isTraced: boolean;
  /** Code that gives a definition's value, computed at most once in a run. */
  definition(definition: Definition, site: Site): Compiled;
  /** Whether other measures may have the same, so that it is computed once for all. */
  isShared(part: Definition | FunctionDefinition): boolean;
  /** Where what a function gave is kept for all measures; undefined when it is not. */
  shelf(fn: FunctionDefinition): (() => Shelf) | undefined;
  parameter(parameter: Parameter, library: Library, site: Site): Compiled;
  /** A place to remember values by what they were computed from, for one evaluation. */
  newMemo(): number;
  /** Code of a function's body, to be called with a frame whose first locals are the operands. */
  body(fn: FunctionDefinition, site: Site): FunctionBody;
}

export interface FunctionBody {
  run: Compiled;
  size: number;
  /** False while it is being compiled: whoever calls it then is part of it. */
  isCompiled: boolean;
}

/** Where the compiler stands. */
export interface Site {
  readonly program: Program;
  readonly library: Library;
  readonly place: Place;
  /** `Patient` or `Unfiltered`. */
  readonly context: string;
  readonly names: Name | undefined;
  readonly slots: Slots;
  /** What the definition or function at hand looks at. */
  readonly reach: Reach;
  /** Compiles a node where it stands. */
  readonly compile: (node: ElmNode, site: Site) => Compiled;
  /** What operators may ask. */
  readonly around: Surroundings;
}

/** Compiles a node of ELM where it stands. */
export type NodeCompiler = (node: ElmNode, site: Site) => Compiled;

/** A slot for something that has no name. */
export function newSlot({ slots }: Site): number {
  const slot = slots.next++;
  slots.size = Math.max(slots.size, slots.next);
  return slot;
}

/** The site with one more name in sight. */
export function withName(site: Site, name: string, lazy?: Compiled): { site: Site; slot: number } {
  const slot = newSlot(site);
  return { site: { ...site, names: { name, slot, lazy, outer: site.names } }, slot };
}

/** Code that reads a name; undefined when nothing of that name can be seen. */
export function readName(site: Site, name: string): Compiled | undefined {
  let entry = site.names;
  while (entry && entry.name !== name) entry = entry.outer;
  if (!entry) return undefined;
  const { slot, lazy } = entry;
  for (const listener of site.slots.listeners) listener.add(slot);
  if (!lazy) return ({ locals }) => locals[slot] ?? null;
  return (frame) => {
    const known = frame.locals[slot];
    if (known !== undefined) return known;
    const value = lazy(frame);
    frame.locals[slot] = value;
    return value;
  };
}

/** The slots that code reads, told while it is compiled. */
export function listening<T>(slots: Slots, compile: () => T): { result: T; read: Set<number> } {
  const read = new Set<number>();
  slots.listeners.push(read);
  try {
    return { result: compile(), read };
  } finally {
    slots.listeners.splice(slots.listeners.indexOf(read), 1);
  }
}

export const giveNull: Compiled = () => null;
