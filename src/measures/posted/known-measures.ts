import { fail, type Issue, ok, type Result } from '../../base/errors.ts';
import type { r4 } from '../../fhir/types.ts';
import type { MeasureDefinition, ReadyMeasure } from '../types.ts';
import { type MeasureSource, type PostedMeasure, postedMeasure } from './posted-measure.ts';
import type { StoredContent } from './stored-content.ts';

/** A Measure of the store: one that runs, or why it does not. */
export interface KnownMeasure {
  resource: r4.Measure;
  posted: PostedMeasure;
  reasons: readonly Issue[];
}

/** Makes a definition run beside others, which are the components of a composite. */
export type CompileBeside = (
  definition: MeasureDefinition,
  others: readonly ReadyMeasure[],
) => Promise<Result<ReadyMeasure>>;

export async function knownMeasure(resource: r4.Measure, source: MeasureSource): Promise<KnownMeasure> {
  if (resource.status !== 'active' && resource.status !== 'draft') {
    const reasons = [{ code: 'business-rule', text: `The Measure is ${resource.status}: active and draft ones run.` }];
    return { resource, posted: { missing: [], broken: [], needs: new Set() }, reasons };
  }
  const posted = await postedMeasure(resource, source);
  return { resource, posted, reasons: [...posted.missing, ...posted.broken] };
}

/** Compiles what has all its parts, beside ours: composites last, because they need their components. What cannot run is told why. */
export async function settle(
  shipped: readonly ReadyMeasure[],
  known: Iterable<KnownMeasure>,
  compile: CompileBeside,
): Promise<ReadyMeasure[]> {
  const ready = [...shipped];
  const waiting = [...known].sort((a, b) => Number(isComposite(a.posted)) - Number(isComposite(b.posted)));
  for (const one of waiting) {
    if (!one.posted.definition) continue;
    const compiled = await compile(one.posted.definition, ready);
    if (compiled.ok) ready.push(compiled.value);
    else one.reasons = compiled.error.issues;
  }
  return ready.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const isComposite = ({ definition }: PostedMeasure) =>
  definition?.groups.some(({ scoring }) => scoring === 'composite') === true;

/** See `Registry.find`. */
export function findMeasure(
  asked: string,
  list: readonly ReadyMeasure[],
  known: ReadonlyMap<string, KnownMeasure>,
): Result<ReadyMeasure> {
  const isAsked = ({ id, url, version }: r4.Measure) => [id, `Measure/${id}`, url, `${url}|${version}`].includes(asked);
  const ready = list.filter(({ resource }) => isAsked(resource)).sort(newest)[0];
  if (ready) return ok(ready);
  const refused = [...known.values()].find(({ resource }) => isAsked(resource));
  if (!refused) return fail('not-found', 'There is no such measure.');
  const issues = refused.reasons.map((reason) => ({ ...reason, text: `The measure cannot run. ${reason.text}` }));
  return { ok: false, error: { kind: 'unprocessable', issues } };
}

/** Of several versions with one URL the newest; numbers within a version count as numbers. */
function newest({ resource: a }: ReadyMeasure, { resource: b }: ReadyMeasure): number {
  return (b.version ?? '').localeCompare(a.version ?? '', 'en', { numeric: true });
}

/** That another Measure has the same URL and version: who asks by these has to be told of one. */
export async function twinOf(
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
