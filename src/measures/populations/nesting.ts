import type { GroupDefinition, PopulationDefinition } from '../types.ts';

/** Which populations a unit has to be in, and must not be in, before another is asked about: ids. */
export interface Nested {
  population: PopulationDefinition;
  needs: readonly string[];
  without: readonly string[];
}

interface Rule {
  needs: readonly string[];
  without?: readonly string[];
}

/** By code. Source: CQF measures, table of criteria by scoring; docs/decisions/measure-engine.md. */
const rules: Readonly<Record<string, Rule>> = {
  'initial-population': { needs: [] },
  denominator: { needs: ['initial-population'] },
  'denominator-exclusion': { needs: ['denominator'] },
  numerator: { needs: ['denominator'], without: ['denominator-exclusion'] },
  'numerator-exclusion': { needs: ['numerator'] },
  'denominator-exception': { needs: ['denominator'], without: ['denominator-exclusion', 'numerator'] },
  'measure-population': { needs: ['initial-population'] },
  'measure-population-exclusion': { needs: ['measure-population'] },
};

const order = [...Object.keys(rules), 'measure-observation'];

/** A ratio's numerator is no part of its denominator: both are parts of an initial population. */
const ratioNumerator: Rule = { needs: ['initial-population'] };

/** What an observation must not be made of, by the population that it is about. */
const excluded: Readonly<Record<string, string>> = {
  numerator: 'numerator-exclusion',
  denominator: 'denominator-exclusion',
  'measure-population': 'measure-population-exclusion',
};

/** The populations of a group in the order in which they have to be asked. */
export function nestingOf({ scoring, populations }: GroupDefinition): Nested[] {
  const idsOf = (codes: readonly string[]) =>
    populations.filter(({ code }) => codes.includes(code)).map(({ id }) => id);
  const nest = (population: PopulationDefinition): Nested => {
    const { code, criteriaReference } = population;
    if (code === 'measure-observation') {
      const about = populations.find(({ id }) => id === criteriaReference)?.code ?? '';
      return { population, needs: idsOf([about]), without: idsOf([excluded[about] ?? '']) };
    }
    const rule = scoring === 'ratio' && code === 'numerator' ? ratioNumerator : rules[code];
    const needs = (rule?.needs ?? []).includes('initial-population') && criteriaReference !== undefined;
    return {
      population,
      needs: needs ? [criteriaReference] : idsOf(rule?.needs ?? []),
      without: idsOf(rule?.without ?? []),
    };
  };
  return [...populations].sort((a, b) => order.indexOf(a.code) - order.indexOf(b.code)).map(nest);
}

export function isAsked({ needs, without }: Nested, member: ReadonlySet<string>): boolean {
  return needs.every((id) => member.has(id)) && !without.some((id) => member.has(id));
}
