import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { valuesOf } from '../compose/filters.ts';
import { matchRegex } from '../compose/regex.ts';
import type { Concept, ConceptFilter, SystemReader } from '../types.ts';
import { matchesWords } from '../words.ts';

/** Said wherever a step would touch more codes than the bound. */
export function tooMany(): Result<never> {
  return fail('unprocessable', 'The expansion has too many codes: narrow it with a filter.', { code: 'too-costly' });
}

/** A code system whose concepts are all in memory, in their order. */
export function memorySystem(
  about: Pick<SystemReader, 'url' | 'version' | 'name' | 'complete' | 'properties'>,
  concepts: readonly Concept[],
): SystemReader {
  const byCode = new Map(concepts.map((concept) => [concept.code, concept]));
  const above = ancestorsOver(byCode);
  return {
    ...about,
    find: async (codes) => {
      const wanted = new Set(codes);
      if (wanted.size > 20) return concepts.filter(({ code }) => wanted.has(code));
      return [...wanted].flatMap((code) => byCode.get(code) ?? []);
    },
    ancestors: async (code) => above(code),
    select: async (selection) => {
      const among = selection.among && new Set(selection.among);
      let found = concepts.filter(
        (concept) =>
          (!among || among.has(concept.code)) &&
          (concept.active || !selection.activeOnly) &&
          matchesWords(selection.words, concept.code, concept.display),
      );
      for (const filter of selection.filters) {
        const next = apply(filter, found, above);
        if (!next.ok) return next;
        found = next.value;
      }
      return found.length > limits.terminology.expansion ? tooMany() : ok(found);
    },
  };
}

function apply(
  filter: ConceptFilter,
  concepts: Concept[],
  above: (code: string) => ReadonlySet<string>,
): Result<Concept[]> {
  if (filter.op === 'regex') return keepMatching(filter, concepts);
  const test = predicate(filter, above);
  return ok(concepts.filter(test));
}

/** The concepts that have a value of the property matching the pattern. */
export function keepMatching(filter: ConceptFilter, concepts: readonly Concept[]): Result<Concept[]> {
  const lists = concepts.map((concept) => valuesOf(concept, filter.property));
  const matched = matchRegex(filter.values[0] ?? '', lists);
  return matched.ok ? ok(concepts.filter((_, index) => matched.value[index])) : matched;
}

function predicate(
  { op, property, values }: ConceptFilter,
  above: (code: string) => ReadonlySet<string>,
): (concept: Concept) => boolean {
  const [value = ''] = values;
  const isA = ({ code }: Concept) => code === value || above(code).has(value);
  const has = (concept: Concept) => valuesOf(concept, property).some((one) => values.includes(one));
  switch (op) {
    case 'is-a':
      return isA;
    case 'is-not-a':
      return (concept) => !isA(concept);
    case 'descendent-of':
      return ({ code }) => above(code).has(value);
    case 'generalizes':
      return ({ code }) => code === value || above(value).has(code);
    case 'not-in':
      return (concept) => !has(concept);
    case 'exists':
      return (concept) => valuesOf(concept, property).length > 0 === (value === 'true');
    default:
      return has;
  }
}

function ancestorsOver(byCode: ReadonlyMap<string, Concept>): (code: string) => ReadonlySet<string> {
  const known = new Map<string, ReadonlySet<string>>();
  return (code) => {
    const kept = known.get(code);
    if (kept) return kept;
    const found = new Set<string>();
    const open = [...(byCode.get(code)?.parents ?? [])];
    // Also ends where a faulty system has a concept above itself.
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (found.has(next)) continue;
      found.add(next);
      open.push(...(byCode.get(next)?.parents ?? []));
    }
    known.set(code, found);
    return found;
  };
}
