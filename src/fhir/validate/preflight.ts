import type { Issue } from '../../base/errors.ts';
import { isObject } from '../search/walk-path.ts';
import type { Resource } from '../types.ts';

/**
 * What any FHIR JSON has to hold, whatever its type (R4, json.html): no nulls outside of primitive lists, no empty objects or
 * lists, no lists of lists, ids of resources in their syntax.
 */
export function preflight(resource: Resource): Issue[] {
  const issues: Issue[] = [];
  lookIntoObject(resource, /^\w{1,64}$/.test(resource.resourceType) ? resource.resourceType : 'Resource', issues);
  return issues;
}

const idSyntax = /^[A-Za-z0-9\-.]{1,64}$/;

function lookIntoObject(object: Record<string, unknown>, path: string, issues: Issue[]): void {
  const entries = Object.entries(object);
  if (entries.length === 0) add(issues, path, 'structure', 'An object must not be empty.');
  if ('resourceType' in object && typeof object.id === 'string' && !idSyntax.test(object.id)) {
    add(issues, `${path}.id`, 'value', 'An id has 1 to 64 of the characters A-Z, a-z, 0-9, - and dot.');
  }
  for (const [key, value] of entries) {
    const place = /^\w{1,64}$/.test(key) ? `${path}.${key}` : path;
    if (value === null) add(issues, place, 'structure', 'null stands only in lists of primitive values.');
    else if (Array.isArray(value))
      lookIntoList(value, place, issues, object[key.startsWith('_') ? key.slice(1) : `_${key}`]);
    else if (isObject(value) && !JSON.isRawJSON(value)) lookIntoObject(value, place, issues);
  }
}

function lookIntoList(list: readonly unknown[], path: string, issues: Issue[], partner: unknown): void {
  if (list.length === 0)
    add(issues, path, 'structure', 'A list must not be empty: leave it out, or say what belongs in it.');
  for (const [at, item] of list.entries()) {
    const place = `${path}[${at}]`;
    if (Array.isArray(item)) add(issues, place, 'structure', 'A list must not hold a list.');
    else if (item === null && !hasItem(partner, at)) {
      add(issues, place, 'structure', 'null stands only where the list beside has the other half of the value.');
    } else if (isObject(item) && !JSON.isRawJSON(item)) lookIntoObject(item, place, issues);
  }
}

function hasItem(partner: unknown, at: number): boolean {
  return Array.isArray(partner) && partner[at] !== null && partner[at] !== undefined;
}

function add(issues: Issue[], path: string, code: string, text: string): void {
  issues.push({ code, text, expression: [path] });
}
