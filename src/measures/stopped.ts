import type { Err, Result } from '../base/errors.ts';

/** How the failure of an evaluation begins that took more than it may: it says nothing of the child's record. */
const prefix = 'Stopped: ';

export function isTooCostly(result: Result<unknown>): result is Err {
  return !result.ok && result.error.issues.some(({ code }) => code === 'too-costly');
}

/** The error as it is told, and kept as the child's failure. */
export function stoppedFor(measure: string, { error }: Err): Err {
  const issues = error.issues.map((issue) => ({
    ...issue,
    text: issue.text.startsWith(prefix) ? issue.text : `${prefix}Measure ${measure}: ${issue.text}`,
  }));
  return { ok: false, error: { ...error, issues } };
}

export function saysStopped(failure: string | null | undefined): boolean {
  return failure?.startsWith(prefix) === true;
}
