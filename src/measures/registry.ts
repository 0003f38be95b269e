import { type Issue, ok, type Result } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { r4 } from '../fhir/types.ts';
import type { Reader } from '../store/types.ts';
import { compositeMeasure, findComponents } from './posted/composite-measure.ts';
import { createGeneration, type Generation } from './posted/generation.ts';
import {
  type CompileBeside,
  findMeasure,
  type KnownMeasure,
  knownMeasure,
  settle,
  twinOf,
} from './posted/known-measures.ts';
import { measureSource, type SourceDeps } from './posted/measure-source.ts';
import { postedMeasure } from './posted/posted-measure.ts';
import { shippedMeasures } from './posted/shipped-measures.ts';
import { storedContent } from './posted/stored-content.ts';
import type { MeasureDefinition, ReadyMeasure } from './types.ts';

/** The measures that can run now: those that come with this house and those that users have posted. */
export interface Registry {
  /** The same list as long as they are the same. */
  measures(): readonly ReadyMeasure[];
  /**
   * By id, `Measure/id`, or canonical URL with or without version. Error `unprocessable` says why a Measure that is here cannot run, with
   * every reason; `not-found`: there is none.
   */
  find(asked: string): Result<ReadyMeasure>;
  /** Takes over what was committed since, here or on another server. `now`: also when it was looked a moment ago. */
  look(reader: Reader, options?: { now?: boolean }): Promise<void>;
  /**
   * Puts a Measure together as the reader sees its parts, and compiles it. For checks within a transaction; `others`: the measures that
   * would run beside it.
   */
  tryOut(measure: r4.Measure, reader: Reader, others: readonly ReadyMeasure[]): Promise<TriedMeasure>;
  /** Ids of stored measures that need one of these resources, by URL or id. */
  needing(names: ReadonlySet<string>): string[];
  generation: Generation;
}

export interface TriedMeasure {
  ready?: ReadyMeasure;
  /** URLs and ids of the resources that it needs. */
  needs: ReadonlySet<string>;
  missing: readonly Issue[];
  broken: readonly Issue[];
}

export interface RegistryDeps extends SourceDeps {
  /** Of a measure of this house. Error: the logic is not supported, with the library, the expression and the node. */
  compile(definition: MeasureDefinition): Result<ReadyMeasure>;
  /** Of a measure that somebody posted; likewise. */
  compilePosted(definition: MeasureDefinition): Promise<Result<ReadyMeasure>>;
  shipped: { definitions: readonly MeasureDefinition[]; valueSets: readonly r4.ValueSet[] };
  log: Logger;
}

/** Throws when a measure that comes with this house cannot run: such a house must not start. */
export function createRegistry(deps: RegistryDeps): Registry {
  const generation = createGeneration();
  let known: ReadonlyMap<string, KnownMeasure> = new Map();
  let list: readonly ReadyMeasure[] = deps.shipped.definitions.map((definition) => started(definition, deps));
  const compile: CompileBeside = (definition, others) => compileBeside(definition, others, list, deps);

  async function refresh(reader: Reader): Promise<void> {
    const source = measureSource(reader, deps);
    const shipped = await shippedMeasures(deps.shipped.definitions, source, compile, list);
    const ours = new Set(shipped.map(({ name }) => name));
    const found = new Map<string, KnownMeasure>();
    for (const { resource } of await storedContent(reader, deps.definitions).measures()) {
      if (!ours.has(resource.id)) found.set(resource.id, await knownMeasure(resource, source));
    }
    list = unchanged(list, await settle(shipped, found.values(), compile));
    known = found;
    deps.log.debug({ measures: list.map(({ name }) => name) }, 'measures taken over');
  }

  return {
    generation,
    measures: () => list,
    find: (asked) => findMeasure(asked, list, known),
    needing: (names) =>
      [...known.values()]
        .filter(({ posted }) => [...posted.needs].some((need) => names.has(need)))
        .map(({ resource }) => resource.id ?? ''),
    look: createLook(generation, refresh),
    async tryOut(measure, reader, others) {
      const twin = await twinOf(measure, others, storedContent(reader, deps.definitions));
      if (twin) return { missing: [], broken: [twin], needs: new Set() };
      const { definition, missing, broken, needs } = await postedMeasure(measure, measureSource(reader, deps));
      if (!definition) return { missing, broken, needs };
      const compiled = await compile(definition, others);
      if (compiled.ok) return { ready: compiled.value, missing, broken, needs };
      const { kind, issues } = compiled.error;
      return kind === 'not-found' ? { missing: issues, broken, needs } : { missing, broken: issues, needs };
    },
  };
}

function started(definition: MeasureDefinition, { compile }: RegistryDeps): ReadyMeasure {
  const ready = compile(definition);
  if (!ready.ok) throw new Error(`measure ${definition.name}: ${ready.error.issues[0]?.text}`);
  return ready.value;
}

/** `before`: what runs now. A definition that says the same is not compiled again: only what is told of it may be new. */
async function compileBeside(
  definition: MeasureDefinition,
  others: readonly ReadyMeasure[],
  before: readonly ReadyMeasure[],
  { compile, compilePosted, shipped }: RegistryDeps,
): Promise<Result<ReadyMeasure>> {
  const same = before.find(({ name, logicHash }) => name === definition.name && logicHash === definition.logicHash);
  const isComposite = definition.groups.some(({ scoring }) => scoring === 'composite');
  if (same && !isComposite) return ok({ ...same, resource: definition.resource });
  const components = findComponents(definition, others);
  if (!components.ok) return components;
  if (components.value) return compositeMeasure(definition, components.value);
  const isOurs = shipped.definitions.some(({ name }) => name === definition.name);
  return isOurs ? compile(definition) : compilePosted(definition);
}

/** Reads again when the number says so. One at a time: who comes meanwhile waits, then looks whether it is new enough. */
function createLook(generation: Generation, refresh: (reader: Reader) => Promise<void>): Registry['look'] {
  let seen: string | undefined;
  let refreshing: Promise<void> | undefined;
  return async (reader, options) => {
    if (generation.isChanging(reader)) return;
    const number = await generation.look(reader, options);
    if (number === undefined || number === seen) return;
    while (refreshing) await refreshing.catch(() => undefined);
    if (number === seen) return;
    refreshing = refresh(reader).then(() => {
      seen = number;
    });
    await refreshing.finally(() => {
      refreshing = undefined;
    });
  };
}

/** The list as it was when nothing in it is another one. */
function unchanged(before: readonly ReadyMeasure[], after: readonly ReadyMeasure[]): readonly ReadyMeasure[] {
  const key = ({ name, logicHash, resource }: ReadyMeasure) => JSON.stringify([name, logicHash, resource]);
  const isSame = before.length === after.length && before.every((one, n) => after[n] && key(one) === key(after[n]));
  return isSame ? before : after;
}
