import type { Typed } from '../of-type.ts';
import type { Resource, r4 } from '../types.ts';
import { compareText, conceptText, type Index, referenceOf } from './index-of.ts';
import { dateOf, sourceOf } from './source.ts';
import type { Line } from './types.ts';

export type Condition = Resource & Typed<'Condition'>;

/** Source: FHIR R4, condition-clinical: the states in which the problem is there now. */
const activeStates: ReadonlySet<string> = new Set(['active', 'recurrence', 'relapse']);
const untrue: ReadonlySet<string> = new Set(['refuted', 'entered-in-error']);

/** There now, and not withdrawn. A condition without a clinical status is a mistake by the sender, so it is not guessed at. */
export function isActiveProblem(condition: r4.Condition): boolean {
  const is = (concept: r4.CodeableConcept | undefined, codes: ReadonlySet<string>) =>
    concept?.coding?.some(({ code }) => code !== undefined && codes.has(code)) === true;
  return is(condition.clinicalStatus, activeStates) && !is(condition.verificationStatus, untrue);
}

export interface ProblemGroup {
  key: string;
  title: string;
  active: boolean;
  conditions: Condition[];
}

/**
 * Puts conditions that share a code together, whoever sent them; every one stays a member. Conditions without a code go
 * together only when their words are equal. A group's key is its smallest member, so it does not depend on order.
 */
export function groupProblems(conditions: readonly Condition[]): ProblemGroup[] {
  const groups: { keys: Set<string>; conditions: Condition[] }[] = [];
  for (const condition of conditions) {
    const keys = new Set(keysOf(condition));
    const touching = groups.filter((group) => [...keys].some((key) => group.keys.has(key)));
    const merged = { keys, conditions: [condition] };
    for (const group of touching) {
      for (const key of group.keys) merged.keys.add(key);
      merged.conditions.push(...group.conditions);
      groups.splice(groups.indexOf(group), 1);
    }
    groups.push(merged);
  }
  return groups.map((group) => finished(group.conditions)).sort(byActiveThenTitle);
}

function finished(members: Condition[]): ProblemGroup {
  const conditions = members.sort(
    (a, b) => Number(isActiveProblem(b)) - Number(isActiveProblem(a)) || compareText(referenceOf(a), referenceOf(b)),
  );
  const [first] = conditions;
  return {
    key: conditions.map(referenceOf).sort(compareText)[0] ?? '',
    title: conceptText(first?.code) ?? 'Problem without words',
    active: conditions.some(isActiveProblem),
    conditions,
  };
}

function byActiveThenTitle(a: ProblemGroup, b: ProblemGroup): number {
  return Number(b.active) - Number(a.active) || compareText(a.title, b.title) || compareText(a.key, b.key);
}

function keysOf(condition: Condition): string[] {
  const codes = (condition.code?.coding ?? [])
    .filter(({ code }) => code !== undefined)
    .map(({ system, code }) => `${system ?? ''}|${code}`);
  if (codes.length > 0) return codes;
  const words = condition.code?.text?.trim().toLowerCase();
  return [words ? `text:${words}` : referenceOf(condition)];
}

export function problemLine(condition: Condition, index: Index): Line {
  const line: Line = {
    reference: referenceOf(condition),
    text: conceptText(condition.code) ?? 'Problem without words',
    status: [codeOf(condition.clinicalStatus), unconfirmed(condition)].filter(Boolean).join(', ') || 'unknown',
    open: isActiveProblem(condition),
    source: sourceOf(condition, index),
  };
  const date = dateOf(condition);
  if (date !== undefined) line.date = date;
  return line;
}

/** Confirmed is what a reader assumes; anything less is said. */
function unconfirmed(condition: Condition): string | undefined {
  const verification = codeOf(condition.verificationStatus);
  return verification === 'confirmed' ? undefined : verification;
}

function codeOf(concept: r4.CodeableConcept | undefined): string | undefined {
  return concept?.coding?.find(({ code }) => code !== undefined)?.code ?? concept?.text;
}
