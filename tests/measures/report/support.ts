import type { CountedAnswer } from '../../../src/measures/report/add-up.ts';
import type { GroupDefinition, MeasureDefinition, PopulationDefinition } from '../../../src/measures/types.ts';

/** A population decided by the definition of its own name, or another one. */
export function population(
  code: string,
  expression = code,
  more: Partial<PopulationDefinition> = {},
): PopulationDefinition {
  return { id: code, code, expression, evidence: [], ...more };
}

export const proportion = ['initial-population', 'denominator', 'denominator-exclusion', 'numerator'];

export function groupOf(id: string, more: Partial<GroupDefinition> = {}): GroupDefinition {
  return {
    id,
    scoring: 'proportion',
    basis: 'boolean',
    improvement: 'increase',
    populations: proportion.map((code) => population(code)),
    stratifiers: [],
    ...more,
  };
}

export function measureOf(
  groups: readonly GroupDefinition[],
  more: Partial<MeasureDefinition> = {},
): MeasureDefinition {
  return {
    name: 'plain',
    resource: {
      resourceType: 'Measure',
      id: 'plain',
      url: 'http://example.org/Measure/plain',
      version: '1',
      status: 'active',
      title: 'Plain',
      group: groups.map(({ id }) => ({ id, description: `Group ${id}` })),
    },
    groups,
    supplemental: [],
    library: { id: 'Plain', version: '1' },
    cql: '',
    elm: {},
    libraries: [],
    valueSets: [],
    retrieves: ['Patient'],
    logicHash: '',
    ...more,
  };
}

/** So many children who count in these populations of these groups. */
export function children(
  count: number,
  groups: Record<string, readonly string[]>,
  more: { strata?: Record<string, string>; supplemental?: Record<string, string[]> } = {},
): CountedAnswer {
  return {
    children: count,
    answer: {
      groups: Object.entries(groups).map(([group, populations]) => ({
        group,
        units: [{ populations: [...populations], strata: more.strata ?? {}, observations: {}, count: 1 }],
      })),
      supplemental: more.supplemental ?? {},
    },
  };
}

export const asked = ['initial-population', 'denominator'];
export const met = [...asked, 'numerator'];
export const excluded = [...asked, 'denominator-exclusion'];

export const context = {
  period: { start: '2026-01-01', end: '2026-12-31' },
  now: new Date('2026-12-01T12:00:00Z'),
  zone: 'America/Chicago',
  reporter: 'Seven Oaks',
};
