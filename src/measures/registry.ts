import { fail, type Issue, ok, type Result } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { r4 } from '../fhir/types.ts';
import type { Reader } from '../store/types.ts';
import { assemble, contentOf } from './definition/assemble.ts';
import { compositeMeasure, findComponents } from './posted/composite-measure.ts';
import { createGeneration, type Generation } from './posted/generation.ts';
import { measureSource, type SourceDeps } from './posted/measure-source.ts';
import { type MeasureSource, type PostedMeasure, postedMeasure } from './posted/posted-measure.ts';
import { type StoredContent, storedContent } from './posted/stored-content.ts';
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
  /** Error: the logic is not supported, with the library, the expression and the node. */
  compile(definition: MeasureDefinition): Result<ReadyMeasure>;
  shipped: { definitions: readonly MeasureDefinition[]; valueSets: readonly r4.ValueSet[] };
  log: Logger;
}

/** A Measure of the store: one that runs, or why it does not. */
interface Known {
  resource: r4.Measure;
  posted: PostedMeasure;
  ready?: ReadyMeasure;
  reasons: readonly Issue[];
}

/** Throws when a measure that comes with this house cannot run: such a house must not start. */
export function createRegistry(deps: RegistryDeps): Registry {
  const generation = createGeneration();
  const shippedNames = new Set(deps.shipped.definitions.map(({ name }) => name));
  let seen: string | undefined;
  let known: ReadonlyMap<string, Known> = new Map();
  let list: readonly ReadyMeasure[] = deps.shipped.definitions.map((definition) => {
    const ready = deps.compile(definition);
    if (!ready.ok) throw new Error(`measure ${definition.name}: ${ready.error.issues[0]?.text}`);
    return ready.value;
  });
  let refreshing: Promise<void> | undefined;

  const compile = (definition: MeasureDefinition, others: readonly ReadyMeasure[]): Result<ReadyMeasure> => {
    const before = list.find(({ name, logicHash }) => name === definition.name && logicHash === definition.logicHash);
    // What says the same runs the same: only what is told of it may be new.
    const same = before && definition.groups.every(({ scoring }) => scoring !== 'composite');
    if (same) return ok({ ...before, resource: definition.resource });
    const components = findComponents(definition, others);
    if (!components.ok) return components;
    return components.value ? compositeMeasure(definition, components.value) : deps.compile(definition);
  };

  async function refresh(reader: Reader, number: string): Promise<void> {
    const source = measureSource(reader, deps);
    const shipped = await refreshShipped(source);
    const stored = (await storedContent(reader, deps.definitions).measures()).filter(
      ({ resource: { id } }) => !shippedNames.has(id),
    );
    const found = new Map<string, Known>();
    for (const { resource } of stored.sort((a, b) => (a.resource.id < b.resource.id ? -1 : 1))) {
      found.set(resource.id, await knownOf(resource, source));
    }
    list = unchanged(list, settle(shipped, found));
    known = found;
    seen = number;
    deps.log.debug({ measures: list.map(({ name }) => name) }, 'measures taken over');
  }

  /** Our own measures, with the value sets that users have put in the place of ours. */
  async function refreshShipped(source: MeasureSource): Promise<ReadyMeasure[]> {
    const stored = await storedValueSets(deps.shipped.valueSets, source);
    const ready: ReadyMeasure[] = [];
    for (const definition of deps.shipped.definitions) {
      const compiled = compile(withValueSets(definition, stored, deps), ready);
      const before = list.find(({ name }) => name === definition.name);
      if (compiled.ok) ready.push(compiled.value);
      else if (before) ready.push(before);
    }
    return ready;
  }

  async function knownOf(resource: r4.Measure, source: MeasureSource): Promise<Known> {
    if (resource.status !== 'active' && resource.status !== 'draft') {
      const reasons = [
        { code: 'business-rule', text: `The Measure is ${resource.status}: active and draft ones run.` },
      ];
      return { resource, posted: { missing: [], broken: [], needs: new Set() }, reasons };
    }
    const posted = await postedMeasure(resource, source);
    return { resource, posted, reasons: [...posted.missing, ...posted.broken] };
  }

  /** Compiles what has all its parts: composites last, because they need their components. */
  function settle(shipped: readonly ReadyMeasure[], found: Map<string, Known>): ReadyMeasure[] {
    const ready = [...shipped];
    const waiting = [...found.values()].sort((a, b) => Number(isComposite(a.posted)) - Number(isComposite(b.posted)));
    for (const one of waiting) {
      if (!one.posted.definition) continue;
      const compiled = compile(one.posted.definition, ready);
      if (compiled.ok) {
        one.ready = compiled.value;
        ready.push(compiled.value);
      } else one.reasons = compiled.error.issues;
    }
    return ready.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  return {
    generation,
    measures: () => list,
    find: (asked) => findIn(asked, list, known),
    needing: (names) =>
      [...known.values()]
        .filter(({ posted }) => [...posted.needs].some((need) => names.has(need)))
        .map(({ resource }) => resource.id ?? ''),
    async look(reader, options) {
      if (generation.isChanging(reader)) return;
      const number = await generation.look(reader, options);
      if (number === undefined || number === seen) return;
      // One at a time: who comes meanwhile waits for the same answer, then looks whether it is new enough.
      while (refreshing) await refreshing.catch(() => undefined);
      if (number === seen) return;
      refreshing = refresh(reader, number).finally(() => {
        refreshing = undefined;
      });
      await refreshing;
    },
    async tryOut(measure, reader, others) {
      const twin = await twinOf(measure, others, storedContent(reader, deps.definitions));
      if (twin) return { missing: [], broken: [twin], needs: new Set() };
      const posted = await postedMeasure(measure, measureSource(reader, deps));
      const { definition, missing, broken, needs } = posted;
      if (!definition) return { missing, broken, needs };
      const compiled = compile(definition, others);
      if (compiled.ok) return { ready: compiled.value, missing, broken, needs };
      const { kind, issues } = compiled.error;
      return kind === 'not-found' ? { missing: issues, broken, needs } : { missing, broken: issues, needs };
    },
  };
}

const isComposite = ({ definition }: PostedMeasure) =>
  definition?.groups.some(({ scoring }) => scoring === 'composite') === true;

/** The list as it was when nothing in it is another one. */
function unchanged(before: readonly ReadyMeasure[], after: readonly ReadyMeasure[]): readonly ReadyMeasure[] {
  const key = ({ name, logicHash, resource }: ReadyMeasure) => JSON.stringify([name, logicHash, resource]);
  const isSame = before.length === after.length && before.every((one, n) => after[n] && key(one) === key(after[n]));
  return isSame ? before : after;
}

function findIn(asked: string, list: readonly ReadyMeasure[], known: ReadonlyMap<string, Known>): Result<ReadyMeasure> {
  const isAsked = ({ id, url, version }: r4.Measure) => [id, `Measure/${id}`, url, `${url}|${version}`].includes(asked);
  const ready = list.filter(({ resource }) => isAsked(resource)).sort(newest)[0];
  if (ready) return ok(ready);
  const refused = [...known.values()].find(({ resource }) => isAsked(resource));
  if (!refused) return fail('not-found', 'There is no such measure.');
  const issues = refused.reasons.map((reason) => ({ ...reason, text: `The measure cannot run. ${reason.text}` }));
  return { ok: false, error: { kind: 'unprocessable', issues } };
}

/** Who asks by URL and version has to be told of one measure. */
async function twinOf(
  { id, url, version }: r4.Measure,
  others: readonly ReadyMeasure[],
  content: StoredContent,
): Promise<Issue | undefined> {
  if (url === undefined) return undefined;
  const stored = (await content.byUrl('Measure', [url])).map(({ resource }) => resource);
  const isTwin = (other: r4.Measure) =>
    other.id !== id && other.url === url && other.version === version && other.status !== 'retired';
  const twin = [...stored, ...others.map(({ resource }) => resource)].find(isTwin);
  if (!twin) return undefined;
  const text = `Measure/${twin.id} has this url and version: give yours another version, or retire that one.`;
  return { code: 'duplicate', text, expression: ['Measure.url'] };
}

/** Of several versions with one URL the newest; numbers within a version count as numbers. */
function newest({ resource: a }: ReadyMeasure, { resource: b }: ReadyMeasure): number {
  return (b.version ?? '').localeCompare(a.version ?? '', 'en', { numeric: true });
}

/** Value sets of the store with the URLs of ours, by URL: those that say something else than ours. */
async function storedValueSets(
  ours: readonly r4.ValueSet[],
  source: MeasureSource,
): Promise<ReadonlyMap<string, r4.ValueSet>> {
  const byUrl = new Map(ours.map((set) => [set.url ?? '', set]));
  const declared = [...byUrl.keys()].map((url) => ({ library: '', name: url, url }));
  const found = await source.valueSets(declared);
  const others = new Map<string, r4.ValueSet>();
  declared.forEach(({ url }, n) => {
    const set = found[n];
    const own = byUrl.get(url);
    // One that cannot be expanded leaves ours in place: a measure that runs is not stopped by it.
    if (set && 'resourceType' in set && own && contentOf(set) !== contentOf(own)) others.set(url, set);
  });
  return others;
}

function withValueSets(
  definition: MeasureDefinition,
  stored: ReadonlyMap<string, r4.ValueSet>,
  { definitions: { types } }: SourceDeps,
): MeasureDefinition {
  if (!definition.valueSets.some(({ url = '' }) => stored.has(url))) return definition;
  const own = new Map(definition.valueSets.map((set) => [set.url ?? '', set]));
  const valueSet = ({ url }: { url: string }) => stored.get(url) ?? own.get(url);
  return assemble({ measure: definition.resource, types, libraries: definition.libraries, valueSet }).definition;
}
