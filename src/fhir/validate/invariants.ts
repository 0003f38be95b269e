import { evalFhirPathTyped, type FhirPathAtom, parseFhirPath } from '@medplum/core';
import type { Issue } from '../../base/errors.ts';
import { dateRange } from '../date-range.ts';
import { isObject } from '../search/walk-path.ts';
import type { InvariantTask } from './structure.ts';

/** Invariants the FHIRPath engine cannot evaluate (`descendants`, `htmlChecks`) or that R4 itself states wrongly. */
const skipped = new Set(['dom-3', 'txt-1', 'txt-2', 'sdf-19', 'ele-1']);

/** Invariants whose FHIRPath gives no answer for values of different precision: decided here. */
const own: Readonly<Record<string, (value: unknown) => boolean>> = {
  'per-1': isOrderedPeriod,
};

/**
 * Makes the evaluation of invariants (FHIR R4, conformance-rules.html#constraints). Each expression is parsed once. Only a
 * clear `false` is an issue: no answer, or an expression the engine stumbles on, says nothing about the resource.
 */
export function createInvariantCheck(): (task: InvariantTask) => Issue[] {
  const parsed = new Map<string, FhirPathAtom>();
  const holds = (expression: string, task: InvariantTask): boolean => {
    let atom = parsed.get(expression);
    if (!atom) {
      atom = parseFhirPath(expression);
      parsed.set(expression, atom);
    }
    const context = { type: task.typeName, value: task.value };
    const variables = {
      '%context': context,
      '%resource': { type: String(task.resource.resourceType), value: task.resource },
      '%rootResource': { type: String(task.root.resourceType), value: task.root },
      '%ucum': { type: 'string', value: 'http://unitsofmeasure.org' },
    };
    try {
      const [answer, ...more] = evalFhirPathTyped(atom, [context], variables);
      return more.length > 0 || answer?.value !== false;
    } catch {
      return true;
    }
  };
  return (task) => {
    const issues: Issue[] = [];
    for (const { key, severity, human, expression } of task.constraints) {
      if (severity !== 'error' || skipped.has(key) || expression === undefined) continue;
      const isMet = Object.hasOwn(own, key) ? own[key]?.(task.value) : holds(expression, task);
      if (isMet === false) issues.push({ code: 'invariant', text: `${key}: ${human}`, expression: [task.path] });
    }
    return issues;
  };
}

/** per-1: a Period must not end before it starts, as far as the precision of both tells. */
function isOrderedPeriod(period: unknown): boolean {
  if (!isObject(period) || typeof period.start !== 'string' || typeof period.end !== 'string') return true;
  const start = dateRange(period.start);
  const end = dateRange(period.end);
  return !start || !end || start.start < end.end;
}
