import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { isOfType, ofType } from '../../fhir/of-type.ts';
import { rewriteReferences } from '../../fhir/references.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Tx, Written } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { resourceOf } from '../stored.ts';
import { isUnconfirmed } from './check-form.ts';
import { addEvidence, isMistaken, isUntouched, sameNeed, withoutEvidence } from './concern.ts';
import { provenanceOf } from './extract.ts';
import { type Extracted, extractedSystem } from './extracted.ts';

const urn = 'urn:uuid:';
type Kept = Resource & r4.Condition;

interface Work {
  tx: Tx;
  responseId: string;
  response: r4.QuestionnaireResponse;
  earlier: ReadonlySet<string>;
  written: Written[];
}

/**
 * Keeps what a response was made into, replacing what its earlier version was made into: by ids that follow from the response, so that doing
 * it again changes nothing. What the response no longer says is marked as entered in error. A concern that a person has taken up is not touched,
 * and one that stands open already gets the response as evidence instead of a twin.
 */
export async function writeExtracted(
  tx: Tx,
  { childId, response, extracted, earlier, clock }: ToWrite,
): Promise<Result<void>> {
  const work: Work = { tx, responseId: response.id ?? '', response, earlier: idsOf(earlier), written: [] };
  // Two responses at once must not make two concerns of one need.
  await tx.lock(`screening ${childId}`);
  const records = await tx.recordsOf([childId], ['Observation', 'Condition']);
  const there = records.map(({ stored }) => resourceOf(stored));
  const wanted = extracted.map((one) => ({ ...one, resource: named(one, extracted) }));
  const done =
    (await observations(work, wanted, there)) ?? (await concerns(work, wanted, there)) ?? (await told(work, clock));
  return done ?? ok(undefined);
}

export interface ToWrite {
  childId: string;
  response: r4.QuestionnaireResponse;
  extracted: readonly Extracted[];
  /** What its version before this one was made into; empty when that was not complete. */
  earlier: readonly Extracted[];
  clock: Clock;
}

function idsOf(extracted: readonly Extracted[]): ReadonlySet<string> {
  return new Set(extracted.map(({ fullUrl }) => fullUrl.slice(urn.length)));
}

type Failed = Extract<Result<never>, { ok: false }>;

/** With its id, and with the ids of the others in its references. */
function named({ fullUrl, resource }: Extracted, all: readonly Extracted[]): Resource {
  const ids = new Map(all.map((one) => [one.fullUrl, `${one.resource.resourceType}/${one.fullUrl.slice(urn.length)}`]));
  return { ...rewriteReferences(resource, (text) => ids.get(text)), id: fullUrl.slice(urn.length) };
}

async function put({ tx, written }: Work, resource: Resource): Promise<Failed | undefined> {
  const done = await tx.update(resource);
  if (!done.ok) return done;
  if (done.value.outcome !== 'unchanged') written.push(done.value);
  return undefined;
}

async function observations(work: Work, wanted: readonly Extracted[], there: readonly Resource[]) {
  const made = wanted.map(({ resource }) => resource).filter((one) => isOfType(one, 'Observation'));
  for (const one of made) {
    const failed = await put(work, one);
    if (failed) return failed;
  }
  const source = `QuestionnaireResponse/${work.responseId}`;
  for (const one of ofType(there, 'Observation')) {
    const isOurs = one.identifier?.some(({ system, value }) => system === extractedSystem && value === one.id);
    const isOfThis = one.derivedFrom?.some(({ reference }) => reference === source);
    if (!isOurs || !isOfThis || one.status === 'entered-in-error' || made.some(({ id }) => id === one.id)) continue;
    const failed = await put(work, { ...one, status: 'entered-in-error' });
    if (failed) return failed;
  }
  return undefined;
}

async function concerns(work: Work, wanted: readonly Extracted[], there: readonly Resource[]) {
  const known: Kept[] = ofType(there, 'Condition');
  const current = new Set<string>();
  for (const { resource } of wanted) {
    if (!isOfType(resource, 'Condition')) continue;
    if (!isUnconfirmed(resource)) {
      const text = 'What a form makes of an answer is an unconfirmed concern.';
      return refuse('form-extracts-concerns', text, 'Condition.verificationStatus');
    }
    const next = concernToPut(resource, known, work.earlier);
    current.add(next.id ?? '');
    const failed = next.put && (await put(work, next.put));
    if (failed) return failed;
  }
  const source = `QuestionnaireResponse/${work.responseId}`;
  for (const one of known) {
    const left = current.has(one.id ?? '') ? undefined : withoutEvidence(one, source);
    const failed = left && (await put(work, { ...left }));
    if (failed) return failed;
  }
  return undefined;
}

/** The Condition that stands for this concern, and what is to be written of it, if anything. */
function concernToPut(
  made: Kept,
  known: readonly Kept[],
  earlier: ReadonlySet<string>,
): { id?: string; put?: Resource } {
  const concern: Kept = { ...made, identifier: [{ system: extractedSystem, value: made.id }] };
  const mine = known.find(({ id }) => id === concern.id);
  // Said again after it was taken back: what the response took back it brings back. What a person called an error stays one.
  const isBack = mine && isMistaken(mine) && !earlier.has(mine.id ?? '');
  if (mine && isBack) return { id: mine.id, put: { ...concern } };
  // What other responses and people have added to it stays.
  const evidence = mine && addEvidence(mine, concern.evidence ?? []).evidence;
  if (mine && isUntouched(mine)) return { id: mine.id, put: { ...mine, ...concern, ...(evidence && { evidence }) } };
  if (mine) return { id: mine.id };
  const open = known.find((one) => sameNeed(one, concern));
  if (!open) return { id: concern.id, put: { ...concern } };
  return { id: open.id, put: { ...addEvidence(open, concern.evidence ?? []) } };
}

async function told({ tx, response, written }: Work, clock: Clock): Promise<Failed | undefined> {
  if (written.length === 0) return undefined;
  const targets = written.map(({ stored: { type, id, version } }) => `${type}/${id}/_history/${version}`);
  const done = await tx.create(provenanceOf(targets, response, clock));
  return done.ok ? undefined : done;
}
