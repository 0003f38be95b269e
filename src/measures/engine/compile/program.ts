import type { FhirModel } from '../model/fhir-model.ts';
import type { Surroundings } from '../operators/types.ts';
import type { Units } from '../values/units.ts';
import { constantOf, constantValue } from './constant.ts';
import { nodeOf } from './elm.ts';
import type { Definition, FunctionDefinition, Library, Parameter } from './libraries.ts';
import { modelTypeTest } from './model-type.ts';
import { onceInRun, onceInSlice, type Shelf, shelfOf } from './once.ts';
import { emptyReach, type Reach } from './reach.ts';
import { Refusal } from './refusal.ts';
import { type FunctionBody, type Program, type Site, type Slots, withName } from './site.ts';
import type { Compiled, ElmNode } from './types.ts';
import type { Vocabulary } from './vocabulary.ts';

/** What a slice keeps for all measures. */
export interface Sharing {
  has(part: Definition | FunctionDefinition): boolean;
  /** Its place there; undefined when there is no room. Asked when everything that it refers to is compiled. */
  placeOf(part: Definition | FunctionDefinition, reach: Reach): number | undefined;
}

export interface ProgramOptions {
  model: FhirModel;
  vocabulary: Vocabulary;
  units: Units;
  isTraced: boolean;
  /** Absent when nothing is shared. */
  sharing?: Sharing;
  /** How each node is compiled: see nodes.ts and trace.ts. */
  compile: (node: ElmNode, site: Site) => Compiled;
}

/** A program, and what its parts look at. */
export interface CompiledProgram extends Program {
  reachOf(part: Definition | FunctionDefinition): Reach;
  /** Code of a definition for whoever stands outside of all libraries. */
  entry(definition: Definition): Compiled;
  /** The body of a function, likewise. */
  entryBody(fn: FunctionDefinition): FunctionBody;
}

interface DefinitionRecord {
  reach: Reach;
  code: Compiled | undefined;
}

interface FunctionRecord {
  reach: Reach;
  body: FunctionBody;
}

/**
 * Definitions and functions are compiled when they are first referred to, so what an included library has besides does not matter. A
 * definition may not depend on itself; a function may.
 */
export function createProgram(options: ProgramOptions): CompiledProgram {
  const definitions = new Map<Definition, DefinitionRecord>();
  const functions = new Map<FunctionDefinition, FunctionRecord>();
  const parameters = new Map<Parameter, { reach: Reach; code: Compiled }>();
  let memos = 0;

  const compileDefinition = (definition: Definition): { reach: Reach; code: Compiled } => {
    const known = definitions.get(definition);
    if (known?.code) return { reach: known.reach, code: known.code };
    const { library, name, node } = definition;
    if (known) throw new Refusal('it depends on itself.', { library: library.id, expression: name }, node.locator);
    const record: DefinitionRecord = { reach: emptyReach(), code: undefined };
    definitions.set(definition, record);
    const slots = emptySlots();
    const site = siteOf(library, name, definition.context, slots, record.reach);
    const run = site.compile(node, site);
    const constant = options.isTraced ? undefined : constantValue(run);
    const once =
      constant === undefined ? onceFor(definition, inOwnFrame(run, slots), record.reach) : constantOf(constant);
    const code = options.isTraced ? tracedDefinition(definition, once) : once;
    record.code = code;
    return { reach: record.reach, code };
  };

  const onceFor = (definition: Definition, compute: Compiled, reach: Reach): Compiled => {
    const { slot } = definition;
    const shelf = shelfFor(definition, reach);
    return shelf ? onceInSlice(slot, shelf, compute) : onceInRun(slot, compute, reach);
  };

  const shelfFor = (part: Definition | FunctionDefinition, reach: Reach): (() => Shelf) | undefined => {
    const { sharing } = options;
    return sharing?.has(part) ? shelfOf(reach, () => sharing.placeOf(part, reach)) : undefined;
  };

  const compileFunction = (fn: FunctionDefinition): FunctionRecord => {
    const known = functions.get(fn);
    if (known) return known;
    const { library, name, node, operands } = fn;
    const slots = emptySlots();
    const body: FunctionBody = { run: () => null, size: 0, isCompiled: false };
    const record: FunctionRecord = { reach: emptyReach(), body };
    functions.set(fn, record);
    if (!node) throw new Refusal('it is an external function.', { library: library.id, expression: name });
    let site = siteOf(library, name, fn.context, slots, record.reach);
    for (const operand of operands) site = withName(site, operand.name).site;
    body.run = site.compile(node, site);
    body.size = slots.size;
    body.isCompiled = true;
    return record;
  };

  /** A default has a reach of its own: whoever refers to a parameter that is today by default depends on the clock, not the first alone. */
  const compileParameter = (parameter: Parameter, library: Library): { reach: Reach; code: Compiled } => {
    const known = parameters.get(parameter);
    if (known) return known;
    const reach = emptyReach();
    const fallback = nodeOf(parameter.node, 'default');
    const slots = emptySlots();
    const site = siteOf(library, parameter.name, 'Unfiltered', slots, reach);
    const code = parameterCode(parameter, fallback && inOwnFrame(site.compile(fallback, site), slots));
    const record = { reach, code };
    parameters.set(parameter, record);
    return record;
  };

  const siteOf = (library: Library, expression: string, context: string, slots: Slots, reach: Reach): Site => {
    const place = { library: library.id, expression };
    const around: Surroundings = {
      units: options.units,
      refuse: (text) => {
        throw new Refusal(text, place);
      },
      modelType: (name) => modelTypeTest(options.model, name),
    };
    return {
      program,
      library,
      place,
      context,
      names: undefined,
      slots,
      reach,
      compile: options.compile,
      around,
    };
  };

  const program: CompiledProgram = {
    model: options.model,
    vocabulary: options.vocabulary,
    isTraced: options.isTraced,
    definition(definition, site) {
      const { reach, code } = compileDefinition(definition);
      site.reach.refersTo.add(reach);
      return code;
    },
    body(fn, site) {
      const record = compileFunction(fn);
      site.reach.refersTo.add(record.reach);
      return record.body;
    },
    isShared: (part) => options.sharing?.has(part) === true,
    shelf: (fn) => shelfFor(fn, compileFunction(fn).reach),
    parameter(parameter, library, site) {
      const { reach, code } = compileParameter(parameter, library);
      site.reach.refersTo.add(reach);
      return code;
    },
    newMemo: () => memos++,
    reachOf: (part) => ('slot' in part ? compileDefinition(part).reach : compileFunction(part).reach),
    entry: (definition) => compileDefinition(definition).code,
    entryBody: (fn) => compileFunction(fn).body,
  };
  return program;
}

function emptySlots(): Slots {
  return { next: 0, size: 0, listeners: [] };
}

function inOwnFrame(run: Compiled, slots: Slots): Compiled {
  const { size } = slots;
  if (size === 0) return run;
  return (frame) => run({ moment: frame.moment, run: frame.run, locals: new Array(size) });
}

function tracedDefinition(definition: Definition, once: Compiled): Compiled {
  const { library, name, locator } = definition;
  const point = { locator, kind: 'Definition', place: { library: library.id, expression: name } };
  return (frame) => {
    const { trace } = frame.run;
    return trace ? trace.atDefinition(definition, point, () => once(frame)) : once(frame);
  };
}

function parameterCode({ slot }: Parameter, fallback: Compiled | undefined): Compiled {
  return (frame) => {
    const known = frame.run.parameters[slot];
    if (known !== undefined) return known;
    const value = fallback?.(frame) ?? null;
    // A default may be the day of today.
    if (!frame.run.follow) frame.run.parameters[slot] = value;
    return value;
  };
}
