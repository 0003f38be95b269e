import { evalFhirPathTyped, type FhirPathAtom, parseFhirPath } from '@medplum/core';
import type { Issue } from '../../base/errors.ts';
import { isObject } from '../search/walk-path.ts';
import { ownInvariants } from './own-invariants.ts';
import type { InvariantTask } from './structure.ts';

/** Left out: `htmlChecks` is `narrative.ts`, ele-1 is the preflight, and sdf-19 is stated wrongly in R4. */
const skipped: ReadonlySet<string> = new Set(['txt-1', 'txt-2', 'sdf-19', 'ele-1']);

/**
 * Makes the evaluation of invariants (FHIR R4, conformance-rules.html#constraints). Each expression is parsed once. Only a
 * clear `false` is an issue: no answer, or an expression the engine stumbles on, says nothing about the resource.
 */
export function createInvariantCheck(): (task: InvariantTask) => Issue[] {
  const parsed = new Map<string, FhirPathAtom>();
  const holds = (expression: string, task: InvariantTask): boolean => {
    const context = { type: task.typeName, value: task.value };
    const variables = {
      '%context': context,
      '%resource': { type: String(task.resource.resourceType), value: task.resource },
      '%rootResource': { type: String(task.root.resourceType), value: task.root },
      '%ucum': { type: 'string', value: 'http://unitsofmeasure.org' },
    };
    try {
      const atom = parsed.get(expression) ?? parseFhirPath(expression);
      parsed.set(expression, atom);
      const [answer, ...more] = evalFhirPathTyped(atom, [context], variables);
      return more.length > 0 || answer?.value !== false;
    } catch {
      return true;
    }
  };
  return (task) => {
    const issues: Issue[] = [];
    for (const { key, severity, human, expression } of task.constraints) {
      const isWarning = severity !== 'error';
      // The warnings of the base definitions (narrative for every resource) would drown what a profile says.
      if ((isWarning && !task.isProfile) || skipped.has(key) || expression === undefined) continue;
      // A profile may have given the same key to something else.
      const own = task.isProfile ? undefined : ownInvariants.get(key);
      const isMet = own && isObject(task.value) ? own(task.value, task.root) : holds(expression, task);
      if (isMet) continue;
      const issue: Issue = { code: 'invariant', text: `${key}: ${human}`, expression: [task.path] };
      issues.push(isWarning ? { ...issue, severity: 'warning' } : issue);
    }
    return issues;
  };
}
