import { fail, ok, type Result } from '../../base/errors.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { OperationInput } from '../types.ts';
import {
  type AskedCode,
  askedCodes,
  flagOf,
  givenResource,
  type OperationDeps,
  parametersResource,
  refuse,
} from './input.ts';

type Target = r4.ConceptMapGroupElementTarget;
interface Match {
  equivalence: Target['equivalence'];
  concept: r4.Coding;
}

/**
 * ConceptMap/$translate (FHIR R4, conceptmap-operation-translate.html) through one concept map. `result` is true when a match
 * says more than unmatched or disjoint. Maps that depend on further elements are `not-supported`.
 */
export async function translate(input: OperationInput, deps: OperationDeps): Promise<Result<Resource>> {
  const refused = refuse(input, ['dependency', 'source', 'target', 'targetscope']);
  if (!refused.ok) return refused;
  const reverse = flagOf(input, 'reverse');
  if (!reverse.ok) return reverse;
  const asked = askedCodes(input);
  if (!asked.ok) return asked;
  const map = await askedMap(input, deps);
  if (!map.ok) return map;
  const targetSystem = input.parameters.text('targetsystem');
  const matches: Match[] = [];
  for (const one of asked.value) {
    for (const group of map.value.group ?? []) {
      const found = reverse.value ? backward(group, one) : forward(group, one);
      if (!found.ok) return found;
      matches.push(...found.value.filter(({ concept }) => !targetSystem || concept.system === targetSystem));
    }
  }
  const result = matches.some(({ equivalence }) => equivalence !== 'unmatched' && equivalence !== 'disjoint');
  return ok(
    parametersResource([
      { name: 'result', valueBoolean: result },
      ...(result ? [] : [{ name: 'message', valueString: 'The concept map has no match for the code.' }]),
      ...matches.map((match) => matchPart(match, map.value.url)),
    ]),
  );
}

async function askedMap(input: OperationInput, deps: OperationDeps): Promise<Result<r4.ConceptMap>> {
  const given = await givenResource('ConceptMap', input, deps);
  if (!given.ok) return given;
  if (given.value) return ok(given.value);
  const canonical = input.parameters.text('url');
  if (canonical === undefined)
    return fail('invalid', 'Say which concept map: url or conceptMap.', { code: 'required' });
  const [url = '', version] = canonical.split('|');
  const found = await deps
    .libraryOf(input.store)
    .conceptMap(url, version ?? input.parameters.text('conceptMapVersion'));
  return found ? ok(found) : fail('not-found', 'The concept map is not here.');
}

function forward(group: r4.ConceptMapGroup, asked: AskedCode): Result<Match[]> {
  if (asked.system !== undefined && group.source !== asked.system) return ok([]);
  const element = group.element.find(({ code }) => code === asked.code);
  if (!element) return unmapped(group, asked);
  const matches: Match[] = [];
  for (const target of element.target ?? []) {
    if (target.dependsOn?.length) return depends();
    matches.push({ equivalence: target.equivalence, concept: codingOf(group.target, target) });
  }
  return ok(matches);
}

function unmapped(group: r4.ConceptMapGroup, asked: AskedCode): Result<Match[]> {
  const rule = group.unmapped;
  if (!rule) return ok([]);
  if (rule.mode === 'other-map') {
    return fail('unprocessable', 'The concept map refers to another map for this code.', { code: 'not-supported' });
  }
  if (rule.mode === 'fixed') return ok([{ equivalence: 'inexact', concept: codingOf(group.target, rule) }]);
  return ok([{ equivalence: 'equal', concept: codingOf(group.target, { code: asked.code }) }]);
}

/** What the words of equivalence mean when read from the target's side. */
const turned: Partial<Record<Target['equivalence'], Target['equivalence']>> = {
  wider: 'narrower',
  narrower: 'wider',
  subsumes: 'specializes',
  specializes: 'subsumes',
};

function backward(group: r4.ConceptMapGroup, asked: AskedCode): Result<Match[]> {
  if (asked.system !== undefined && group.target !== asked.system) return ok([]);
  const matches: Match[] = [];
  for (const element of group.element) {
    for (const target of element.target ?? []) {
      if (target.code !== asked.code) continue;
      if (target.dependsOn?.length) return depends();
      const equivalence = turned[target.equivalence] ?? target.equivalence;
      matches.push({ equivalence, concept: codingOf(group.source, element) });
    }
  }
  return ok(matches);
}

function depends(): Result<never> {
  return fail('unprocessable', 'The concept map depends on further elements for this code.', { code: 'not-supported' });
}

function codingOf(system: string | undefined, { code, display }: { code?: string; display?: string }): r4.Coding {
  const coding: r4.Coding = {};
  if (system !== undefined) coding.system = system;
  if (code !== undefined) coding.code = code;
  if (display !== undefined) coding.display = display;
  return coding;
}

function matchPart({ equivalence, concept }: Match, source: string | undefined): r4.ParametersParameter {
  const part: r4.ParametersParameter[] = [{ name: 'equivalence', valueCode: equivalence }];
  if (concept.code !== undefined) part.push({ name: 'concept', valueCoding: concept });
  if (source !== undefined) part.push({ name: 'source', valueUri: source });
  return { name: 'match', part };
}
