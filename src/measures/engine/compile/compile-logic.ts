import { fail, ok, type Result } from '../../../base/errors.ts';
import { createUcum } from '../../../fhir/ucum.ts';
import type { At, Logic, LogicSource, Need } from '../contract.ts';
import { createZone, momentIn, type Zone } from '../model/zone.ts';
import type { Slice } from '../slice.ts';
import type { Value } from '../values/types.ts';
import { Units } from '../values/units.ts';
import { createEvaluation, type EvaluationOptions, followEvaluation } from './evaluate.ts';
import { type Library, type Linked, linkLibraries } from './libraries.ts';
import { compileNode } from './nodes.ts';
import { parametersFor } from './parameters.ts';
import { type CompiledProgram, createProgram } from './program.ts';
import { closureOf, type Reach } from './reach.ts';
import { Refusal } from './refusal.ts';
import { identitiesIn, partOf, SharedDefinitions } from './shared.ts';
import { compileTraced } from './traced.ts';
import type { Moment } from './types.ts';
import { createVocabulary } from './vocabulary.ts';

/**
 * Compiles ELM to functions. Error `invalid` names what is missing or not supported: the library, the value set, or the node with its library,
 * expression and place. Everything in the main library is compiled, and of the others what it uses. Source: CQL 1.5, ELM.
 */
export function compileLogic(source: LogicSource): Result<Logic> {
  try {
    return ok(compile(source));
  } catch (error) {
    if (error instanceof Refusal) return fail('invalid', error.message, { cause: error.cause });
    if (error instanceof RangeError) return fail('invalid', 'The logic is nested too deep.');
    throw error;
  }
}

function compile(source: LogicSource): Logic {
  const linked = linkLibraries(source.main, source.libraries);
  const { main } = linked;
  const definitions = source.shared ?? new SharedDefinitions();
  const shared = {
    model: source.model,
    vocabulary: createVocabulary(source.valueSets, definitions),
    units: source.units ?? new Units(createUcum()),
  };
  const identityOf = identitiesIn(definitions);
  // What a parameter says that was given may differ between measures.
  const isShared = Object.keys(source.parameters ?? {}).length === 0;
  const program = createProgram({
    ...shared,
    isTraced: false,
    compile: compileNode,
    sharing: {
      has: ({ library }) => isShared && library !== main,
      placeOf: (part, reach) => definitions.placeOf(partOf(part), identityOf(part.library), reach),
    },
  });
  let tracedProgram: CompiledProgram | undefined;
  const traced = () => {
    tracedProgram ??= createProgram({ ...shared, isTraced: true, compile: compileTraced });
    return tracedProgram;
  };
  const entries = new Map(
    [...main.definitions].map(([name, definition]) => [name, { definition, code: program.entry(definition) }]),
  );
  for (const overloads of main.functions.values()) for (const fn of overloads) program.entryBody(fn);

  const zones = createZones();
  const moments = rememberLastMoment();
  const parameters = rememberLast(linked, source.parameters ?? {});
  const over = (slice: Slice, { period, now, zone: name }: At): EvaluationOptions => {
    const zone = zones(name);
    const view = slice.view(source.model, zone);
    const { shared: found, sharedNow } = view.sharedValues(definitions, period, now.getTime());
    return {
      main,
      program,
      entries,
      traced,
      definitionSlots: main.definitions.size,
      parameters: parameters(period, zone),
      view,
      shared: found,
      sharedNow,
      moment: moments(zone, now),
    };
  };
  return {
    library: { id: main.id, version: main.version },
    definitions: new Set(main.definitions.keys()),
    functions: [...main.functions.values()].flat().map(({ name, operands }) => ({ name, operands: operands.length })),
    parameters: new Set(main.parameters.keys()),
    retrievesOf: (names) => needsOf(closureOf(reachOf(program, main, names))),
    readsToday: (names) => [...closureOf(reachOf(program, main, names))].some(({ readsNow }) => readsNow),
    over: (slice, at) => createEvaluation(over(slice, at)),
    follow: (slice, at) => followEvaluation(over(slice, at), (now) => momentIn(zones(at.zone), now)),
  };
}

function reachOf(program: CompiledProgram, main: Library, names: readonly string[]): Reach[] {
  return names.flatMap((name) => {
    const definition = main.definitions.get(name);
    const parts = [...(definition ? [definition] : []), ...(main.functions.get(name) ?? [])];
    return parts.map((part) => program.reachOf(part));
  });
}

/** Each need once. */
function needsOf(reaches: Iterable<Reach>): Need[] {
  const needs = new Map<string, Need>();
  for (const reach of reaches) {
    for (const need of reach.needs) {
      const codes = need.codes ? [...need.codes].sort() : undefined;
      needs.set(JSON.stringify({ ...need, codes }), need);
    }
  }
  return [...needs.values()];
}

/** Time zones by name, remembered. Throws a RangeError for what is none. */
function createZones(): (name: string) => Zone {
  const known = new Map<string, Zone>();
  return (name) => {
    const zone = known.get(name) ?? createZone(name);
    known.set(name, zone);
    return zone;
  };
}

/** Children are evaluated at the same moment one after the other. */
function rememberLastMoment(): (zone: Zone, now: Date) => Moment {
  let last: { zone: Zone; moment: Moment } | undefined;
  return (zone, now) => {
    if (last?.zone === zone && last.moment.nowMs === now.getTime()) return last.moment;
    last = { zone, moment: momentIn(zone, now) };
    return last.moment;
  };
}

/** Children are evaluated for the same period one after the other. */
function rememberLast(linked: Linked, given: Readonly<Record<string, Value>>) {
  let last: { start: string; end: string; zone: Zone; values: readonly (Value | undefined)[] } | undefined;
  return ({ start, end }: { start: string; end: string }, zone: Zone): readonly (Value | undefined)[] => {
    if (last?.start === start && last.end === end && last.zone === zone) return last.values;
    last = { start, end, zone, values: parametersFor(linked, given, { start, end }, zone) };
    return last.values;
  };
}
