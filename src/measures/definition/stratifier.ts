import type { r4 } from '../../fhir/types.ts';
import type { PopulationDefinition, StratifierDefinition } from '../types.ts';
import { definitionNamed } from './criteria.ts';
import { extensionTexts, idOf } from './extension.ts';
import { createIds, type Problems } from './problems.ts';

/** The stratifiers of a group. `place`: of the group. */
export function stratifiersOf(
  group: r4.MeasureGroup,
  populations: readonly PopulationDefinition[],
  place: string,
  problems: Problems,
): StratifierDefinition[] {
  const nextId = createIds();
  return (group.stratifier ?? []).map((stratifier, index) => {
    const at = `${place}.stratifier[${index}]`;
    const definition: StratifierDefinition = {
      id: nextId(idOf(stratifier) ?? `stratifier-${index + 1}`),
      components: componentsOf(stratifier, at, problems),
    };
    if (stratifier.code) definition.code = stratifier.code;
    const applied = extensionTexts(stratifier, 'appliesTo').flatMap((named) => {
      const found = populations.filter(({ id, code }) => id === named || code === named);
      if (found.length === 0)
        problems.add(
          'not-found',
          `${at}.extension`,
          'appliesTo has to name a population of the group, by its code or id.',
        );
      return found.map(({ id }) => id);
    });
    return applied.length > 0 ? { ...definition, appliesTo: applied } : definition;
  });
}

function componentsOf(
  stratifier: r4.MeasureGroupStratifier,
  place: string,
  problems: Problems,
): StratifierDefinition['components'] {
  const { component = [], criteria, code } = stratifier;
  if (component.length === 0) {
    const expression = definitionNamed(criteria, place, 'The stratifier', problems);
    return [{ id: 'value', ...(code && { code }), expression }];
  }
  if (criteria !== undefined)
    problems.add('invariant', place, 'A stratifier has either criteria or components, not both.');
  const nextId = createIds();
  return component.map((part, index) => ({
    id: nextId(idOf(part) ?? `component-${index + 1}`),
    ...(part.code && { code: part.code }),
    expression: definitionNamed(part.criteria, `${place}.component[${index}]`, 'The component', problems),
  }));
}
