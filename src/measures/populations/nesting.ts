import type { GroupDefinition, PopulationDefinition } from '../types.ts';

/** Which populations a unit has to be in, and must not be in, before another is asked about: their places in the order of asking. */
export interface Nested {
  population: PopulationDefinition;
  needs: readonly number[];
  without: readonly number[];
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
  const inOrder = [...populations].sort((a, b) => order.indexOf(a.code) - order.indexOf(b.code));
  const ofCodes = (codes: readonly string[]) =>
    inOrder.flatMap(({ code }, place) => (codes.includes(code) ? [place] : []));
  const nest = (population: PopulationDefinition): Nested => {
    const { code, criteriaReference } = population;
    if (code === 'measure-observation') {
      const about = populations.find(({ id }) => id === criteriaReference)?.code ?? '';
      return { population, needs: ofCodes([about]), without: ofCodes([excluded[about] ?? '']) };
    }
    const rule = scoring === 'ratio' && code === 'numerator' ? ratioNumerator : rules[code];
    const needs = (rule?.needs ?? []).includes('initial-population') && criteriaReference !== undefined;
    return {
      population,
      // A reference that leads nowhere is a place that no unit is in.
      needs: needs ? [inOrder.findIndex(({ id }) => id === criteriaReference)] : ofCodes(rule?.needs ?? []),
      without: ofCodes(rule?.without ?? []),
    };
  };
  return inOrder.map(nest);
}

/** `member`: by place, true for the populations that the unit is in. */
export function isAsked({ needs, without }: Nested, member: readonly boolean[]): boolean {
  for (const place of needs) if (member[place] !== true) return false;
  for (const place of without) if (member[place] === true) return false;
  return true;
}
