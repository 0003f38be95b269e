import type { Issue } from '../base/errors.ts';
import type { Resource } from './types.ts';

/** An OperationOutcome (R4) with one issue for each of ours; the text goes to `diagnostics` and `details.text`. */
export function operationOutcome(issues: readonly Issue[]): Resource {
  return {
    resourceType: 'OperationOutcome',
    issue: issues.map(({ severity, code, text, expression }) => ({
      severity: severity ?? 'error',
      code,
      details: { text },
      diagnostics: text,
      ...(expression && expression.length > 0 ? { expression } : {}),
    })),
  };
}
