import type { Issue } from '../../base/errors.ts';
import type { r4 } from '../../fhir/types.ts';
import type { GroupDefinition, SupplementalDefinition } from '../types.ts';
import { idOf } from './extension.ts';
import { groupOf } from './group.ts';
import { createIds, createProblems } from './problems.ts';
import { supplementalOf } from './supplemental.ts';

export interface ReadDefinition {
  groups: GroupDefinition[];
  supplemental: SupplementalDefinition[];
  /** Canonical URL of the library that holds the logic, with `|version` where given; absent in a composite. */
  library?: string;
  /** Everything that is wrong, each with its place. Not empty: the rest is not fit to run. */
  issues: Issue[];
}

/** Reads a Measure. `types` are the names of FHIR's resource types. Expressions are looked for later, in the logic. */
export function readDefinition(measure: r4.Measure, types: ReadonlySet<string>): ReadDefinition {
  const problems = createProblems();
  const nextId = createIds();
  const groups = (measure.group ?? []).map((group, index) => {
    const own = idOf(group);
    const id = nextId(own ?? `group-${index + 1}`);
    const place = `Measure.group[${index}]`;
    if (own !== undefined && id !== own)
      problems.add('duplicate', `${place}.id`, 'Two groups of the measure have this id.');
    return groupOf(group, id, place, { measure, types, problems });
  });
  const isComposite = measure.scoring?.coding?.some(({ code }) => code === 'composite') === true;
  // A composite has its components in place of groups.
  if (groups.length === 0 && isComposite)
    groups.push(groupOf({}, nextId('composite'), 'Measure', { measure, types, problems }));
  if (groups.length === 0) problems.add('required', 'Measure.group', 'The measure has no group, so nothing to count.');
  const supplemental = supplementalOf(measure, problems);
  const [library, ...more] = measure.library ?? [];
  const needsLibrary = groups.some(({ scoring }) => scoring !== 'composite') || supplemental.length > 0;
  if (library === undefined && needsLibrary)
    problems.add('required', 'Measure.library', 'The measure names no Library.');
  if (more.length > 0)
    problems.add('not-supported', 'Measure.library', 'A measure has one Library; others are included by it.');
  return { groups, supplemental, ...(library !== undefined && { library }), issues: problems.issues };
}

/** Every expression that a Measure names, with its place. */
export function namesIn({ groups, supplemental }: Pick<ReadDefinition, 'groups' | 'supplemental'>) {
  const named: { name: string; place: string }[] = [];
  groups.forEach(({ populations, stratifiers }, g) => {
    const group = `Measure.group[${g}]`;
    populations.forEach(({ expression, evidence }, p) => {
      const place = `${group}.population[${p}]`;
      named.push({ name: expression, place: `${place}.criteria.expression` });
      named.push(...evidence.map((name) => ({ name, place: `${place}.extension` })));
    });
    stratifiers.forEach(({ components }, s) => {
      const place = `${group}.stratifier[${s}]`;
      components.forEach(({ expression }, c) => {
        const at = components.length === 1 ? place : `${place}.component[${c}]`;
        named.push({ name: expression, place: `${at}.criteria.expression` });
      });
    });
  });
  supplemental.forEach(({ expression }, s) => {
    named.push({ name: expression, place: `Measure.supplementalData[${s}].criteria.expression` });
  });
  // An expression that is not named was told already.
  return named.filter(({ name }) => name !== '');
}

/** Their names, each once. */
export function expressionsOf(read: Pick<ReadDefinition, 'groups' | 'supplemental'>): string[] {
  return [...new Set(namesIn(read).map(({ name }) => name))];
}
