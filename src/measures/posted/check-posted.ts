import { type Issue, ok, type Result } from '../../base/errors.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Actor, Change, NewJob, Tx, WriteConclusion } from '../../store/types.ts';
import type { Registry, TriedMeasure } from '../registry.ts';
import type { ReadyMeasure } from '../types.ts';
import { checkLibrary, refuse } from './check-library.ts';
import type { LibrarySource } from './libraries.ts';
import { isModelDefinition, readModel } from './model-text.ts';
import { modelKey } from './models.ts';

const types = ['Measure', 'Library', 'ValueSet'];

interface Deps {
  registry: Registry;
  /** The parts of measures as the transaction sees them. */
  source(tx: Tx): LibrarySource;
  /** What brings the answers of all children up to date; `measures`: those that are new or changed. */
  recompute: (measures: readonly string[]) => NewJob;
}

/**
 * At the end of a transaction, so that a Bundle may bring the parts of a measure in any order: refuses a Measure that cannot run, and a
 * change without which a Measure that runs no longer would. A draft may wait for parts that are not here, but what is here has to fit.
 * Then queues the computation of what changed.
 */
export function checkPosted(deps: Deps): WriteConclusion {
  return {
    name: 'measures.posted',
    async conclude(changes, tx) {
      const written = lastOfEach(changes.filter(({ type }) => types.includes(type)));
      if (written.length === 0 || isPublishing(tx.actor)) return ok(undefined);
      const checked = await checkMeasures(written, deps, tx);
      if (!checked.ok) return checked;
      const source = deps.source(tx);
      for (const { type, id, after } of written) {
        if (type !== 'Library' || !after || checked.value.translated.has(id)) continue;
        const fits = await checkLibrary(plainOf<r4.Library>(after), source);
        if (!fits.ok) return fits;
      }
      const { changed, isFelt } = checked.value;
      if (isFelt) await tx.enqueue(deps.recompute(changed));
      return ok(undefined);
    },
  };
}

const isPublishing = ({ kind, id }: Actor) => kind === 'system' && id === 'conformance';

/** A resource may be written several times in one transaction: what it is at its end counts. */
function lastOfEach(changes: readonly Change[]): Change[] {
  return [...new Map(changes.map((change) => [`${change.type}/${change.id}`, change])).values()];
}

/** By what measures may know a part: its id, its URL and, of model information, the model, before and after. */
function namesOf({ id, before, after }: Change): string[] {
  const versions = [before, after].flatMap((version) => version ?? []);
  const urls = versions.flatMap(({ url }) => (typeof url === 'string' ? [url] : []));
  const libraries = versions.filter(({ resourceType }) => resourceType === 'Library').map(plainOf<r4.Library>);
  return [id, ...urls, ...libraries.filter(isModelDefinition).map((library) => modelKey(readModel(library).name))];
}

/** The store holds only what its type says. */
const plainOf = <T>(resource: Resource) => JSON.parse(JSON.stringify(resource)) as T;
const runs = ({ status }: r4.Measure) => status === 'active' || status === 'draft';

/** Every Measure that is written, and every one that needs something that is: components before the composites made of them. */
async function checkMeasures(
  written: readonly Change[],
  { registry }: Deps,
  tx: Tx,
): Promise<Result<{ translated: ReadonlySet<string>; changed: readonly string[]; isFelt: boolean }>> {
  const names = new Set(written.flatMap(namesOf));
  const measures = written.filter(({ type }) => type === 'Measure');
  const own = new Set(measures.map(({ id }) => id));
  const needing = registry.needing(names).filter((id) => !own.has(id));
  const asked = [
    ...measures.flatMap(({ after }) => (after ? [{ measure: plainOf<r4.Measure>(after), isWritten: true }] : [])),
    ...(await running(needing, registry, tx)).map((measure) => ({ measure, isWritten: false })),
  ].filter(({ measure }) => runs(measure));
  asked.sort((a, b) => Number(isComposite(a.measure)) - Number(isComposite(b.measure)));
  const gone = new Set([...own, ...needing]);
  const ready: ReadyMeasure[] = registry.measures().filter(({ name }) => !gone.has(name));
  const translated = new Set<string>();
  for (const { measure, isWritten } of asked) {
    const tried = await registry.tryOut(measure, tx, ready);
    const issues = isWritten ? issuesOfWritten(measure, tried) : issuesOfNeeding(measure, tried);
    if (issues.length > 0) return refuse(issues);
    if (tried.ready) ready.push(tried.ready);
    for (const need of tried.needs) translated.add(need);
  }
  const ours = registry.measures().flatMap(({ valueSets }) => valueSets.map(({ url = '' }) => url));
  const isFelt = gone.size > 0 || ours.some((url) => names.has(url));
  return ok({ translated, changed: [...gone].sort(), isFelt });
}

const isComposite = ({ scoring }: r4.Measure) => scoring?.coding?.some(({ code }) => code === 'composite') === true;

/** Of these measures those that run now: one that does not is looked at when it is written or asked for. */
async function running(ids: readonly string[], registry: Registry, tx: Tx): Promise<r4.Measure[]> {
  const now = new Set(registry.measures().map(({ name }) => name));
  const stored = await tx.readMany(ids.filter((id) => now.has(id)).map((id) => ({ type: 'Measure', id })));
  return stored.map(({ json }) => JSON.parse(json));
}

function issuesOfWritten({ status }: r4.Measure, { missing, broken }: TriedMeasure): readonly Issue[] {
  return status === 'draft' ? broken : [...missing, ...broken];
}

/** A Measure that runs may not be stopped by a change to its parts. A draft may. */
function issuesOfNeeding({ id, status }: r4.Measure, { missing, broken }: TriedMeasure): Issue[] {
  if (status === 'draft') return [];
  return [...missing, ...broken].map((issue) => ({
    ...issue,
    text: `Measure/${id} needs this and could not run any more: ${issue.text}`,
  }));
}
