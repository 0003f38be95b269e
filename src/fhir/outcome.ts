import type { Issue } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Resource } from './types.ts';

/**
 * An OperationOutcome (R4) with one issue for each of ours; the text goes to `diagnostics` and `details.text`. A body of a million
 * wrong elements does not get an answer larger than itself: of more than `limits.http.outcomeIssues` the rest are counted only.
 */
export function operationOutcome(issues: readonly Issue[]): Resource {
  const told = issues.slice(0, limits.http.outcomeIssues);
  const untold = issues.length - told.length;
  if (untold > 0) told.push({ code: 'too-costly', text: `There are ${untold} more issues.` });
  return {
    resourceType: 'OperationOutcome',
    issue: told.map(({ severity, code, text, expression }) => ({
      severity: severity ?? 'error',
      code,
      details: { text },
      diagnostics: text,
      ...(expression && expression.length > 0 ? { expression } : {}),
    })),
  };
}
