import type { Issue } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { evalFhirPathTyped, type FhirPathAtom, parseFhirPath } from '../fhirpath/parse.ts';
import { isObject } from '../search/walk-path.ts';
import { ownInvariants } from './own-invariants.ts';
import { createStoppable } from './stoppable.ts';
import type { InvariantTask } from './structure.ts';

/** Left out: `htmlChecks` is `narrative.ts`, ele-1 is the preflight, and sdf-19 is stated wrongly in R4. */
const skipped: ReadonlySet<string> = new Set(['txt-1', 'txt-2', 'sdf-19', 'ele-1']);

/** What can take a lifetime on a well chosen value. The base definitions' own expressions are known not to. */
const mayRunAway = /\b(matches|replaceMatches|descendants|repeat)\s*\(/;

/**
 * Makes the evaluation of invariants (FHIR R4, conformance-rules.html#constraints). Each expression is parsed once. Only a
 * clear `false` is an issue: no answer, or an expression the engine stumbles on, says nothing about the resource. Of a profile's expression
 * that once took longer than `limits.validation.expressionMs` nothing more is asked, and a warning says so.
 */
export function createInvariantCheck(): (task: InvariantTask) => Issue[] {
  const parsed = new Map<string, FhirPathAtom>();
  const runaways = new Set<string>();
  const stoppable = createStoppable();
  const holds = (expression: string, task: InvariantTask): boolean | 'runaway' => {
    const context = { type: task.typeName, value: task.value };
    const variables = {
      '%context': context,
      '%resource': { type: String(task.resource.resourceType), value: task.resource },
      '%rootResource': { type: String(task.root.resourceType), value: task.root },
      '%ucum': { type: 'string', value: 'http://unitsofmeasure.org' },
    };
    try {
      const atom = parsed.get(expression) ?? parseFhirPath(expression);
      if (parsed.size >= limits.validation.expressions) parsed.clear();
      parsed.set(expression, atom);
      const evaluate = () => evalFhirPathTyped(atom, [context], variables);
      const isTrusted = !task.isProfile || !mayRunAway.test(expression);
      const answers = isTrusted ? evaluate() : stoppable(evaluate, limits.validation.expressionMs);
      if (!answers) return 'runaway';
      const [answer, ...more] = answers;
      return more.length > 0 || answer?.value !== false;
    } catch {
      return true;
    }
  };
  const isKept = (expression: string, task: InvariantTask): boolean | 'runaway' => {
    if (runaways.has(expression)) return 'runaway';
    const isMet = holds(expression, task);
    if (runaways.size >= limits.validation.expressions) runaways.clear();
    if (isMet === 'runaway') runaways.add(expression);
    return isMet;
  };
  return (task) => {
    const issues: Issue[] = [];
    for (const { key, severity, human, expression } of task.constraints) {
      const isWarning = severity !== 'error';
      // The warnings of the base definitions (narrative for every resource) would drown what a profile says.
      if ((isWarning && !task.isProfile) || skipped.has(key) || expression === undefined) continue;
      // A profile may have given the same key to something else.
      const own = task.isProfile ? undefined : (ownInvariants.get(key) ?? ownInvariants.get(`${key} ${task.typeName}`));
      const isMet = own && isObject(task.value) ? own(task.value, task.root) : isKept(expression, task);
      if (isMet === 'runaway') issues.push(tooLong(key, task));
      if (isMet) continue;
      const issue: Issue = { code: 'invariant', text: `${key}: ${human}`, expression: [task.path] };
      issues.push(isWarning ? { ...issue, severity: 'warning' } : issue);
    }
    return issues;
  };
}

function tooLong(key: string, { path }: InvariantTask): Issue {
  return {
    code: 'too-costly',
    severity: 'warning',
    text: `${key} takes too long and was not checked.`,
    expression: [path],
  };
}
