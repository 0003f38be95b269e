import type { Issue } from '../../base/errors.ts';

/** Collects everything that is wrong with a Measure, so that its author is told all at once. */
export interface Problems {
  /** `code`: an IssueType of FHIR; `place`: a FHIRPath location, e.g. `Measure.group[0].population[1]`. */
  add(
    code: 'required' | 'value' | 'not-supported' | 'not-found' | 'duplicate' | 'invariant',
    place: string,
    text: string,
  ): void;
  readonly issues: Issue[];
}

export function createProblems(): Problems {
  const issues: Issue[] = [];
  return {
    issues,
    add(code, place, text) {
      // What is wrong with the whole measure is found in every group.
      const isTold = issues.some((issue) => issue.text === text && issue.expression?.[0] === place);
      if (!isTold) issues.push({ code, text, expression: [place] });
    },
  };
}

/** Gives every id once: the second of the same gets a number. */
export function createIds(): (wanted: string) => string {
  const given = new Set<string>();
  return (wanted) => {
    let id = wanted;
    for (let n = 2; given.has(id); n += 1) id = `${wanted}-${n}`;
    given.add(id);
    return id;
  };
}
