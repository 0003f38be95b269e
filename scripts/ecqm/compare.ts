import type { GroupDefinition, ReadyMeasure } from '../../src/measures/types.ts';
import type { CaseMapping, PublishedCase } from './published.ts';

/** One population of one group for one case. */
interface Difference {
  group: string;
  population: string;
  expected: number;
  found: number;
}

export interface Verdict {
  case: string;
  description: string;
  differences: Difference[];
  /** Set when the measure could not be evaluated for the child. */
  error?: string;
  /** Why it differs, if that is known and meant. */
  explained?: string;
}

/** True when the case agrees, or differs for a reason that is written down. */
export function isSettled({ differences, error, explained }: Verdict): boolean {
  return (differences.length === 0 && error === undefined) || explained !== undefined;
}

/** Evaluates one published case and holds every expected population against ours. */
export async function compareCase(
  measure: Pick<ReadyMeasure, 'groups' | 'evaluate'>,
  published: PublishedCase,
  mapping: CaseMapping,
): Promise<Verdict> {
  const verdict: Verdict = { case: published.case, description: published.description?.trim() ?? '', differences: [] };
  const explained = mapping.explained?.[published.case];
  if (explained !== undefined) verdict.explained = explained;
  if (published.expected.length !== mapping.groups.length)
    throw new Error(
      `case ${published.case} expects ${published.expected.length} groups, the mapping names another number`,
    );
  const resources = published.bundle.entry.map(({ resource }) => resource);
  const result = await measure.evaluate(resources, published.period);
  if (!result.ok) return { ...verdict, error: result.error.issues[0]?.text ?? 'not evaluated' };
  for (const [index, expected] of published.expected.entries()) {
    const group = groupNamed(measure.groups, mapping.groups[index] ?? '');
    const units = result.value.groups.find(({ group: id }) => id === group.id)?.units ?? [];
    for (const { code, count } of expected.population) {
      const ids = group.populations.filter((population) => population.code === code).map(({ id }) => id);
      if (ids.length === 0 && count > 0) throw new Error(`group ${group.id} has no population ${code}`);
      const found = units.filter(({ populations }) => ids.some((id) => populations.includes(id))).length;
      if (found !== count) verdict.differences.push({ group: group.id, population: code, expected: count, found });
    }
  }
  return verdict;
}

function groupNamed(groups: readonly GroupDefinition[], id: string): GroupDefinition {
  const group = groups.find((each) => each.id === id);
  if (!group) throw new Error(`the mapping names the group ${id}, which the measure does not have`);
  return group;
}
