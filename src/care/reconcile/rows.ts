import { stableId } from '../../base/ids.ts';
import { type Steps, whole } from '../../base/in-slices.ts';
import { compareText } from '../../fhir/plan-view/index-of.ts';
import { candidatePairs, type Pair } from './candidates.ts';
import type { About, Chart, Item } from './chart.ts';
import { conflictsAcrossKinds, findConflicts } from './conflict.ts';
import { findDuplicates } from './duplicate.ts';
import { type Choice, type Finding, type FindingKind, findingKinds } from './finding.ts';
import { findMissingOwners } from './missing-owner.ts';
import { findOrphans } from './orphan.ts';
import { findOverlaps } from './overlap.ts';
import { findStale } from './stale.ts';

/** What somebody is asked about: one record, or a cluster of them, with what may be decided. */
export interface Row {
  /** The same for the same records and kind, whoever asks. */
  id: string;
  /** Another one as soon as one of the records is. */
  state: string;
  kind: FindingKind;
  about: About;
  why: readonly string[];
  members: readonly Item[];
  /** What is suggested comes first. */
  choices: readonly Choice[];
}

/** What of a record a decision is remembered by. */
export type Side = Pick<Item, 'reference' | 'hash'>;

/** What is not asked again, because somebody has decided about it: pairs whatever they were called then, single records by kind. */
export interface Remembered {
  hasPair(a: Side, b: Side): boolean;
  hasOne(kind: FindingKind, item: Side): boolean;
}

const choicesOf: Record<FindingKind, readonly Choice[]> = {
  // Nothing is suggested about a conflict: it needs somebody's choice, and a reason.
  conflict: ['keep-one', 'same', 'drop', 'apart'],
  duplicate: ['same', 'keep-one', 'apart'],
  overlap: ['apart', 'keep-one', 'same'],
  orphan: ['link-goal', 'drop', 'apart'],
  stale: ['drop', 're-create', 'apart'],
  'missing-owner': ['assign-owner', 'drop', 'apart'],
};

/**
 * Allergies and medicines stand in the plan by being in the record, not on a list of its own: nobody takes a hospital's warning or prescription
 * out of sight by a choice about the plan.
 */
function choicesFor(kind: FindingKind, about: About): readonly Choice[] {
  const isListed = about !== 'allergy' && about !== 'medication';
  return isListed ? choicesOf[kind] : choicesOf[kind].filter((choice) => choice !== 'keep-one' && choice !== 'drop');
}

/** All rows of a chart, conflicts first, without what was decided before; `candidates`: the pairs that need be looked at. A pair is asked about once, by the gravest that is found of it. */
export function rowsOf(
  chart: Chart,
  remembered: Remembered,
  candidates: readonly Pair[] = candidatePairs(chart).pairs,
): Row[] {
  return whole(rowSteps(chart, remembered, candidates));
}

/** Pairs that are looked at in one step. */
const pairsAtOnce = 200;

/** The same in steps. */
export function* rowSteps(chart: Chart, remembered: Remembered, candidates: readonly Pair[]): Steps<Row[]> {
  const numbers = new Map(chart.items.map((item, at) => [item, at]));
  const taken = new Set<number>();
  const isNew = ({ members: [a, b] }: Finding) => {
    if (b === undefined || remembered.hasPair(a, b)) return false;
    const [one, other] = [numbers.get(a) ?? 0, numbers.get(b) ?? 0];
    const pair = Math.min(one, other) * numbers.size + Math.max(one, other);
    if (taken.has(pair)) return false;
    taken.add(pair);
    return true;
  };
  const pairs: Finding[] = [];
  for (const find of [findConflicts, findDuplicates, findOverlaps]) {
    for (let from = 0; from < candidates.length; from += pairsAtOnce) {
      pairs.push(...find(candidates.slice(from, from + pairsAtOnce), chart).filter(isNew));
      yield;
    }
    if (find === findConflicts) {
      for (const one of yield* conflictsAcrossKinds(chart)) if (isNew(one)) pairs.push(one);
    }
  }
  const rows: Row[] = [];
  for (const cluster of yield* clusters(pairs)) {
    rows.push(rowOf(cluster));
    yield;
  }
  for (const find of [findOrphans, findStale, findMissingOwners]) {
    for (const finding of find(chart)) {
      if (!remembered.hasOne(finding.kind, finding.members[0])) rows.push(rowOf([finding]));
      yield;
    }
  }
  return rows.sort(inOrder);
}

/** Findings of one kind that share a record are one question. */
function* clusters(findings: readonly Finding[]): Steps<Finding[][]> {
  const roots = new Map<string, string>();
  const rootOf = (key: string): string => {
    let root = key;
    for (let above = roots.get(root); above !== undefined && above !== root; above = roots.get(root)) root = above;
    roots.set(key, root);
    return root;
  };
  const keyOf = ({ kind }: Finding, { reference }: Item) => `${kind} ${reference}`;
  for (const finding of findings) {
    const [first, ...others] = finding.members.map((item) => rootOf(keyOf(finding, item)));
    for (const other of others) if (first !== undefined) roots.set(other, first);
    yield;
  }
  const found = new Map<string, Finding[]>();
  for (const finding of findings) {
    const root = rootOf(keyOf(finding, finding.members[0]));
    const cluster = found.get(root);
    if (cluster) cluster.push(finding);
    else found.set(root, [finding]);
    yield;
  }
  return [...found.values()];
}

function rowOf(findings: readonly Finding[]): Row {
  const [first] = findings;
  const kind = first?.kind ?? 'duplicate';
  const byReference = new Map(findings.flatMap(({ members }) => members.map((item) => [item.reference, item])));
  const members = [...byReference.values()].sort((a, b) => compareText(a.reference, b.reference));
  const versions = members.map(({ reference, resource }) => `${reference}@${resource.meta?.versionId ?? ''}`);
  return {
    id: stableId('reconcile', kind, ...members.map(({ reference }) => reference)),
    state: stableId('state', ...versions),
    kind,
    about: first?.about ?? 'problem',
    why: [...new Set(findings.map(({ why }) => why))].sort(compareText),
    members,
    choices: choicesFor(kind, first?.about ?? 'problem'),
  };
}

function inOrder(a: Row, b: Row): number {
  return (
    findingKinds.indexOf(a.kind) - findingKinds.indexOf(b.kind) ||
    compareText(a.about, b.about) ||
    compareText(a.members[0]?.reference, b.members[0]?.reference) ||
    compareText(a.id, b.id)
  );
}
