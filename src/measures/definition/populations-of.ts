import type { r4 } from '../../fhir/types.ts';
import type { PopulationDefinition, Scoring } from '../types.ts';
import { definitionNamed } from './criteria.ts';
import { extensionText, extensionTexts, idOf } from './extension.ts';
import { createIds, type Problems } from './problems.ts';
import { aggregateMethods, populationCodes, populationsOfScoring } from './scorings.ts';

/** The populations of a group, with what is missing, too many or wrong for its scoring. `place`: of the group. */
export function populationsOf(
  group: r4.MeasureGroup,
  scoring: Scoring,
  place: string,
  problems: Problems,
): PopulationDefinition[] {
  const nextId = createIds();
  const populations = (group.population ?? []).map((population, index) =>
    populationOf(population, `${place}.population[${index}]`, nextId, problems),
  );
  checkSet(populations, scoring, place, problems);
  populations.forEach((population, index) => {
    resolveReference(population, populations, scoring, `${place}.population[${index}]`, problems);
  });
  return populations;
}

function populationOf(
  population: r4.MeasureGroupPopulation,
  place: string,
  nextId: (wanted: string) => string,
  problems: Problems,
): PopulationDefinition {
  const code = population.code?.coding?.find((coding) => populationCodes.has(coding.code ?? ''))?.code;
  if (code === undefined) {
    problems.add(
      'value',
      `${place}.code`,
      'The population has no code of the measure-population code system that is known here.',
    );
  }
  const own = idOf(population);
  const id = nextId(own ?? code ?? 'population');
  if (own !== undefined && id !== own)
    problems.add('duplicate', `${place}.id`, 'Two populations of the group have this id.');
  const definition: PopulationDefinition = {
    id,
    code: code ?? '',
    expression: definitionNamed(population.criteria, place, 'The population', problems),
    evidence: extensionTexts(population, 'evidence'),
  };
  const reference = extensionText(population, 'criteriaReference');
  if (reference !== undefined) definition.criteriaReference = reference;
  const method = extensionText(population, 'aggregateMethod');
  if (method !== undefined || code === 'measure-observation') {
    const known = aggregateMethods[(method ?? '').toLowerCase()];
    if (known) definition.aggregateMethod = known;
    else if (code === 'measure-observation') noMethod(method, place, problems);
  }
  return definition;
}

function noMethod(method: string | undefined, place: string, problems: Problems): void {
  const text = `aggregateMethod has to be one of ${Object.keys(aggregateMethods).join(', ')}.`;
  problems.add(method === undefined ? 'required' : 'value', `${place}.extension`, `The observation's ${text}`);
}

function checkSet(
  populations: readonly PopulationDefinition[],
  scoring: Scoring,
  place: string,
  problems: Problems,
): void {
  const { needs, allows, twice = [] } = populationsOfScoring[scoring];
  const found = populations.map(({ code }) => code);
  for (const code of needs.filter((needed) => !found.includes(needed))) {
    problems.add('required', `${place}.population`, `A ${scoring} group needs a population ${code}.`);
  }
  populations.forEach(({ code }, index) => {
    const at = `${place}.population[${index}].code`;
    if (code === '') return;
    if (!needs.includes(code) && !allows.includes(code))
      problems.add('invariant', at, `A ${scoring} group has no population ${code}.`);
    else if (found.slice(0, index).filter((other) => other === code).length >= (twice.includes(code) ? 2 : 1))
      problems.add('duplicate', at, `A ${scoring} group has too many populations ${code}.`);
  });
}

/** Turns a reference by id or by code into an id, and sees that there is one where the scoring cannot do without. */
function resolveReference(
  population: PopulationDefinition,
  populations: readonly PopulationDefinition[],
  scoring: Scoring,
  place: string,
  problems: Problems,
): void {
  const { code, criteriaReference } = population;
  const initials = populations.filter((other) => other.code === 'initial-population');
  const isObservation = code === 'measure-observation';
  const needsInitial = scoring === 'ratio' && initials.length > 1 && (code === 'numerator' || code === 'denominator');
  if (criteriaReference === undefined) {
    if (isObservation && scoring === 'continuous-variable') {
      const about = populations.find((other) => other.code === 'measure-population');
      if (about) population.criteriaReference = about.id;
    } else if (isObservation) {
      problems.add(
        'required',
        `${place}.extension`,
        'The observation of a ratio has to refer to its numerator or denominator (criteriaReference).',
      );
    } else if (needsInitial) {
      problems.add(
        'required',
        `${place}.extension`,
        `With two initial populations the ${code} has to refer to one of them (criteriaReference).`,
      );
    }
    return;
  }
  const about =
    populations.find(({ id }) => id === criteriaReference) ??
    populations.find((other) => other.code === criteriaReference);
  const allowed = isObservation ? ['numerator', 'denominator', 'measure-population'] : ['initial-population'];
  if (!about || !allowed.includes(about.code)) {
    problems.add(
      'not-found',
      `${place}.extension`,
      `criteriaReference has to be the id of a population ${allowed.join(' or ')} of the group.`,
    );
    return;
  }
  population.criteriaReference = about.id;
}
