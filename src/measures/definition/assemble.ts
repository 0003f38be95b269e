import { createHash } from 'node:crypto';
import type { Issue } from '../../base/errors.ts';
import type { r4 } from '../../fhir/types.ts';
import type { MeasureDefinition, MeasureLibrary } from '../types.ts';
import { type DeclaredValueSet, headOf, reachOf } from './reach.ts';
import { namesIn, readDefinition } from './read-definition.ts';
import { retrievedTypes } from './retrieves.ts';

/** What a measure is put together from. */
export interface Parts {
  /** With an id. */
  measure: r4.Measure;
  /** Names of FHIR's resource types. */
  types: ReadonlySet<string>;
  /** The main library first; none when the measure's library could not be had, or it is a composite. */
  libraries: readonly MeasureLibrary[];
  /** The value set with its codes listed or expanded; undefined when it is not here. */
  valueSet(declared: DeclaredValueSet): r4.ValueSet | undefined;
}

export interface Assembled {
  definition: MeasureDefinition;
  /** Everything that is wrong, with FHIRPath places. Not empty: the definition is not fit to run. */
  issues: Issue[];
  /** Value sets that are not here. Not empty: neither. */
  unknown: DeclaredValueSet[];
}

/** Puts a measure together and says everything at once that is wrong with its parts or between them. */
export function assemble({ measure, types, libraries, valueSet }: Parts): Assembled {
  const { groups, supplemental, issues } = readDefinition(measure, types);
  const named = namesIn({ groups, supplemental });
  const elms = libraries.map(({ elm }) => elm);
  const [main] = libraries;
  const reach = reachOf(elms, main ? [...new Set(named.map(({ name }) => name))] : []);
  const missing = new Set(reach.missing);
  for (const { name, place } of named) {
    if (missing.has(name))
      issues.push({ code: 'not-found', text: `Library ${main?.id} does not define "${name}".`, expression: [place] });
  }
  const valueSets = new Map<string, r4.ValueSet>();
  const unknown: DeclaredValueSet[] = [];
  for (const declared of reach.valueSets) {
    const found = valueSet(declared);
    if (found) valueSets.set(`${declared.url}|${declared.version ?? ''}`, found);
    else unknown.push(declared);
  }
  const sets = [...new Set(valueSets.values())];
  const definition: MeasureDefinition = {
    name: measure.id ?? '',
    resource: measure,
    groups,
    supplemental,
    library: main ? { id: main.id, version: main.version } : { id: '', version: '' },
    cql: main?.cql ?? '',
    elm: main?.elm,
    libraries,
    valueSets: sets,
    retrieves: [...new Set(['Patient', ...elms.flatMap(retrievedTypes)])].sort(),
    logicHash: hashOf([elms.map(withoutNotes), groups, supplemental, sets.map(contentOf).sort()]),
  };
  return { definition, issues, unknown };
}

/** That a value set is not here, or what is wrong with it. */
export function valueSetIssue({ library, name, url, version }: DeclaredValueSet, problem?: Issue): Issue {
  const asked = version === undefined ? url : `${url}|${version}`;
  const what = problem ? `: ${problem.text}` : ', which is not here.';
  const text = `Library ${library} uses value set "${name}" (${asked})${what}`;
  return { code: problem?.code ?? 'not-found', text, expression: ['Measure.library[0]'] };
}

/** What a value set contributes: its codes, however they are told and in any order. */
export function contentOf({ url, compose, expansion }: r4.ValueSet): string {
  const listed = (compose?.include ?? []).flatMap(({ system, concept }) =>
    (concept ?? []).map(({ code }) => `${system}|${code}`),
  );
  const contained = (expansion?.contains ?? []).map(({ system, code }) => `${system}|${code}`);
  return JSON.stringify([url, [...listed, ...contained].sort()]);
}

/** Places and remarks of the translator change with every blank line, and nothing of the answer does. */
function withoutNotes(elm: unknown): unknown {
  if (Array.isArray(elm)) return elm.map(withoutNotes);
  if (typeof elm !== 'object' || elm === null) return elm;
  const entries = Object.entries(elm).filter(([key]) => key !== 'annotation' && key !== 'locator' && key !== 'localId');
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutNotes(value)]));
}

function hashOf(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

/** Name and version of a library as its ELM tells it. */
export function libraryOf(elm: unknown, cql?: string): MeasureLibrary {
  const { id, version } = headOf(elm);
  return { id, version, elm, ...(cql !== undefined && { cql }) };
}
