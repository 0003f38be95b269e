import type { r4 } from '../../fhir/types.ts';
import type { LoadedProfiles } from '../../fhir/validate/profiles.ts';
import type { InValueSet } from '../../fhir/validate/value-sets.ts';

/** What validation needed to know and nobody had looked up yet. */
export type Question =
  | { kind: 'profile'; canonical: string }
  /** `system` is absent for elements of type `code`. */
  | { kind: 'code'; valueSet: string; system?: string; code: string };

/** Answers that were looked up, of one generation. */
export interface Answers {
  profiles: Map<string, r4.StructureDefinition | undefined>;
  /** undefined: cannot be said. */
  codes: Map<string, boolean | undefined>;
}

export const noAnswers = (): Answers => ({ profiles: new Map(), codes: new Map() });

/**
 * Answers the synchronous questions of validation from what is remembered, and collects those that are open. The validator asks
 * through `profiles` and `inValueSet`; both answer "cannot be said" outside of `collect`.
 */
export interface Memory {
  profiles: LoadedProfiles;
  inValueSet: InValueSet;
  collect<T>(answers: Answers, work: () => T): { result: T; open: Question[] };
}

export function createMemory(): Memory {
  // Set only while `work` runs, which is synchronous.
  let now: { answers: Answers; open: Map<string, Question> } = { answers: noAnswers(), open: new Map() };
  const outside = now;
  return {
    profiles: {
      find(canonical) {
        const key = canonical;
        if (now.answers.profiles.has(key)) return now.answers.profiles.get(key);
        now.open.set(`profile ${key}`, { kind: 'profile', canonical });
        return undefined;
      },
      scope: () => now.answers,
      open: () => now.open.size,
    },
    inValueSet(valueSet, { system, code }) {
      const key = codeKey(valueSet, system, code);
      if (now.answers.codes.has(key)) return now.answers.codes.get(key);
      const question: Question = { kind: 'code', valueSet, code };
      if (system !== undefined) question.system = system;
      now.open.set(`code ${key}`, question);
      return undefined;
    },
    collect(answers, work) {
      now = { answers, open: new Map() };
      try {
        const result = work();
        return { result, open: [...now.open.values()] };
      } finally {
        now = outside;
        outside.open.clear();
      }
    },
  };
}

export function codeKey(valueSet: string, system: string | undefined, code: string): string {
  return `${valueSet}\n${system ?? ''}\n${system === undefined ? '-' : '+'}${code}`;
}

/** Keeps an answer. A full memory starts anew: which answers will be asked for again, nobody knows. */
export function keep<T>(map: Map<string, T>, key: string, value: T, limit: number): void {
  if (map.size >= limit) map.clear();
  map.set(key, value);
}
