import type { Issue } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { r4 } from '../../fhir/types.ts';
import { assemble, valueSetIssue } from '../definition/assemble.ts';
import { type DeclaredValueSet, reachOf } from '../definition/reach.ts';
import { expressionsOf, readDefinition } from '../definition/read-definition.ts';
import { retrieveCount } from '../definition/retrieves.ts';
import type { MeasureDefinition } from '../types.ts';
import { nameInline, withoutInline } from './inline-criteria.ts';
import { findLibraries, type LibrarySource } from './libraries.ts';

/** Where the parts of a measure come from. */
export interface MeasureSource extends LibrarySource {
  types: ReadonlySet<string>;
  /** Each with its codes expanded, or why that cannot be done; none for what is not here. In the order of the question. */
  valueSets(declared: readonly DeclaredValueSet[]): Promise<(r4.ValueSet | Issue | undefined)[]>;
}

export interface PostedMeasure {
  /** Present when nothing is wrong. */
  definition?: MeasureDefinition;
  /** Parts that are not here, or that the Measure does not name: a draft may wait for them. */
  missing: Issue[];
  /** What cannot run as it is. */
  broken: Issue[];
  /** URLs and ids of the Library and ValueSet resources that it needs, and URLs of its components. */
  needs: ReadonlySet<string>;
}

/** Makes a measure of a Measure resource of the store and its parts, and tells everything at once that is wrong. */
export async function postedMeasure(measure: r4.Measure, source: MeasureSource): Promise<PostedMeasure> {
  const read = readDefinition(measure.library?.length ? withoutInline(measure) : measure, source.types);
  const waits = ({ code, expression }: Issue) =>
    code === 'required' && ['Measure.library', 'Measure.group'].includes(expression?.[0] ?? '');
  const missing = read.issues.filter(waits);
  const broken = read.issues.filter((issue) => !waits(issue));
  if (read.library === undefined) {
    const { definition } = assemble({ measure, types: source.types, libraries: [], valueSet: () => undefined });
    const isWhole = missing.length === 0 && broken.length === 0;
    const components = read.groups.flatMap(({ composite }) => composite?.components ?? []);
    const needs = new Set(components.map((component) => component.measure.split('|')[0] ?? ''));
    return { missing, broken, needs, ...(isWhole && { definition }) };
  }
  const found = await findLibraries(read.library, 'Measure.library[0]', source);
  missing.push(...found.missing);
  broken.push(...found.broken);
  const needs = found.lookedAt;
  if (found.libraries.length === 0) return { missing, broken, needs };
  const translate: MeasureSource['translate'] = (task) => source.translate({ ...task, models: found.models });
  const { measure: named, libraries, issues: unnamed } = await nameInline(measure, found.libraries, translate);
  broken.push(...unnamed);
  if (unnamed.length > 0) return { missing, broken, needs };
  const elms = libraries.map(({ elm }) => elm);
  const declared = reachOf(elms, expressionsOf(readDefinition(named, source.types))).valueSets;
  for (const { url } of declared) needs.add(url);
  broken.push(...tooMuch(elms, declared));
  if (broken.length > 0) return { missing, broken, needs };
  const sets = await source.valueSets(declared);
  const codes = new Map<string, r4.ValueSet>();
  const waiting = new Set<string>();
  declared.forEach((each, index) => {
    const set = sets[index];
    if (set === undefined) waiting.add(keyOf(each));
    else if ('resourceType' in set) codes.set(keyOf(each), set);
    else broken.push(valueSetIssue(each, set));
  });
  const valueSet = (each: DeclaredValueSet) => codes.get(keyOf(each));
  const assembled = assemble({ measure: named, types: source.types, libraries, valueSet });
  const { issues, unknown } = assembled;
  const told = new Set([...missing, ...broken].map(({ text }) => text));
  broken.push(...issues.filter(({ text }) => !told.has(text)));
  missing.push(...unknown.filter((each) => waiting.has(keyOf(each))).map((each) => valueSetIssue(each)));
  const isWhole = missing.length === 0 && broken.length === 0;
  // The Measure is told as it was posted.
  const definition = { ...assembled.definition, resource: measure };
  return { missing, broken, needs, ...(isWhole && { definition }) };
}

const keyOf = ({ url, version }: DeclaredValueSet) => `${url}|${version ?? ''}`;

function tooMuch(elms: readonly unknown[], declared: readonly DeclaredValueSet[]): Issue[] {
  const { retrieves, valueSets } = limits.measures;
  const found: [boolean, string][] = [
    [retrieveCount(elms) > retrieves, `${retrieves} retrieves`],
    [declared.length > valueSets, `${valueSets} value sets`],
  ];
  return found
    .filter(([isMore]) => isMore)
    .map(([, bound]) => ({
      code: 'too-costly',
      text: `The measure's libraries have more than ${bound}.`,
      expression: ['Measure.library[0]'],
    }));
}
