import { type Err, type Issue, ok, type Result } from '../../base/errors.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Actor, Change, NewJob, Tx, WriteConclusion } from '../../store/types.ts';
import type { Registry } from '../registry.ts';
import { issuesOf } from './libraries.ts';
import { headOfCql, readLibrary } from './library-text.ts';
import type { Translations } from './translations.ts';

const partTypes = ['Library', 'ValueSet'];

/**
 * At the end of a transaction, so that a Bundle may bring the parts of a measure in any order: refuses a Measure that cannot run, and a
 * Library or ValueSet without which a Measure that runs no longer would. A draft may wait for parts that are not here, but what is here
 * has to fit. Then queues the computation of what changed.
 */
export function checkPosted(deps: {
  registry: Registry;
  translations: Translations;
  /** What brings the answers of all children up to date. */
  recompute: () => NewJob;
}): WriteConclusion {
  const { registry, translations, recompute } = deps;
  return {
    name: 'measures.posted',
    async conclude(changes, tx) {
      const written = lastOfEach(changes.filter(({ type }) => type === 'Measure' || partTypes.includes(type)));
      if (written.length === 0 || isPublishing(tx.actor)) return ok(undefined);
      const checked = new Set<string>();
      const translated = new Set<string>();
      for (const { type, id, after } of written) {
        if (type !== 'Measure' || !after) continue;
        checked.add(id);
        const needs = await checkMeasure(after, registry, tx);
        if (!needs.ok) return needs;
        for (const need of needs.value) translated.add(need);
      }
      const parts = written.filter(({ type }) => partTypes.includes(type));
      const needing = registry.needing(new Set(parts.flatMap(namesOf))).filter((id) => !checked.has(id));
      for (const id of needing) {
        const fits = await checkNeeding(id, registry, tx);
        if (!fits.ok) return fits;
      }
      for (const { type, id, after } of parts) {
        if (type !== 'Library' || !after || translated.has(id)) continue;
        const fits = await checkLibrary(after, translations, tx);
        if (!fits.ok) return fits;
      }
      await tx.enqueue(recompute());
      return ok(undefined);
    },
  };
}

const isPublishing = ({ kind, id }: Actor) => kind === 'system' && id === 'conformance';

/** A resource may be written several times in one transaction: what it is at its end counts. */
function lastOfEach(changes: readonly Change[]): Change[] {
  return [...new Map(changes.map((change) => [`${change.type}/${change.id}`, change])).values()];
}

/** By what measures may know a part: its id and its URL, before and after. */
function namesOf({ id, before, after }: Change): string[] {
  return [id, ...[before, after].flatMap((version) => (typeof version?.url === 'string' ? [version.url] : []))];
}

/** The store holds only what its type says. */
const asMeasure = (resource: Resource) => JSON.parse(JSON.stringify(resource)) as r4.Measure;
const asLibrary = (resource: Resource) => JSON.parse(JSON.stringify(resource)) as r4.Library;

/** Answers with the names of the parts that were looked at. */
async function checkMeasure(resource: Resource, registry: Registry, tx: Tx): Promise<Result<ReadonlySet<string>>> {
  const measure = asMeasure(resource);
  if (measure.status !== 'active' && measure.status !== 'draft') return ok(new Set());
  const { missing, broken, needs } = await registry.tryOut(measure, tx);
  const issues = measure.status === 'draft' ? broken : [...missing, ...broken];
  return issues.length === 0 ? ok(needs) : refuse(issues);
}

/** A Measure that ran may not be stopped by a change to its parts; one that did not is looked at when it is written or asked for. */
async function checkNeeding(id: string, registry: Registry, tx: Tx): Promise<Result<void>> {
  if (!registry.measures().some(({ name }) => name === id)) return ok(undefined);
  const stored = await tx.read('Measure', id);
  if (!stored || stored.deleted) return ok(undefined);
  const measure = asMeasure(JSON.parse(stored.json));
  if (measure.status !== 'active') return ok(undefined);
  const { missing, broken } = await registry.tryOut(measure, tx);
  const issues = [...missing, ...broken].map((issue) => ({
    ...issue,
    text: `Measure/${id} needs this and could not run any more: ${issue.text}`,
  }));
  return issues.length === 0 ? ok(undefined) : refuse(issues);
}

/** A Library on its own: its ELM has to be ELM, and its CQL CQL, as far as that can be told before all that it includes is here. */
async function checkLibrary(resource: Resource, translations: Translations, tx: Tx): Promise<Result<void>> {
  const { issues, cql, elm, name } = readLibrary(asLibrary(resource));
  if (issues.length > 0) return refuse(issues);
  // ELM is taken as it is; libraries that are included were translated together with the measure that needs them.
  if (cql === undefined || elm !== undefined) return ok(undefined);
  const translated = await translations.translate({ cql, libraries: [] }, tx);
  if (!translated.ok) return translated;
  const { problems } = translated.value;
  const isWhole = headOfCql(cql).includes.every((included) => included.name === 'FHIRHelpers');
  const told = isWhole ? problems : problems.filter(({ text }) => text.startsWith('Syntax error'));
  const found = issuesOf(name, told);
  return found.length === 0 ? ok(undefined) : refuse(found);
}

function refuse(issues: readonly Issue[]): Err {
  return { ok: false, error: { kind: 'unprocessable', issues: [...issues] } };
}
