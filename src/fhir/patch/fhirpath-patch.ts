import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { stringifyJson } from '../json.ts';
import type { Schema } from '../validate/schema.ts';
import { addElement, deleteElement, insertItem, moveItem, replaceElement } from './elements.ts';
import { inOperation } from './json-patch.ts';
import { isObject } from './pointer.ts';
import { copyOf, dropEmptied } from './tree.ts';
import { type PatchOperation, type PatchWork, patchTypes } from './work.ts';

const appliers: Record<PatchOperation['type'], (work: PatchWork, operation: PatchOperation) => Result<void>> = {
  add: addElement,
  insert: insertItem,
  delete: deleteElement,
  replace: replaceElement,
  move: moveItem,
};

/** What each type cannot do without, besides its path. */
const needs: Record<PatchOperation['type'], readonly (keyof PatchOperation)[]> = {
  add: ['name', 'value'],
  insert: ['value', 'index'],
  delete: [],
  replace: ['value'],
  move: ['source', 'destination'],
};

/** Makes the change a FHIRPath Patch describes (FHIR R4, fhirpatch.html). `invalid`: the Parameters resource is not one. */
export function parseFhirPathPatch(body: unknown, schema: Schema): Result<(resource: unknown) => Result<unknown>> {
  if (!isObject(body) || body.resourceType !== 'Parameters')
    return fail('invalid', 'A FHIRPath Patch is a Parameters resource.', { code: 'structure' });
  const given: unknown[] = Array.isArray(body.parameter) ? body.parameter : [];
  if (given.length === 0) return fail('invalid', 'The patch has no operation.', { code: 'required' });
  if (given.length > limits.patch.maxOperations)
    return fail('too-large', `A patch may have ${limits.patch.maxOperations} operations.`, { code: 'too-costly' });
  const operations: PatchOperation[] = [];
  for (const [index, parameter] of given.entries()) {
    const operation = parseOperation(parameter);
    if (!operation.ok) return inOperation(index, operation);
    operations.push(operation.value);
  }
  return ok((resource) => applyAll(resource, operations, schema));
}

function parseOperation(parameter: unknown): Result<PatchOperation> {
  if (!isObject(parameter) || parameter.name !== 'operation' || !Array.isArray(parameter.part))
    return fail('invalid', 'every parameter must be an operation with parts.', { code: 'structure' });
  const parts = new Map<string, Record<string, unknown>>();
  for (const part of parameter.part) {
    if (!isObject(part) || typeof part.name !== 'string' || parts.has(part.name))
      return fail('invalid', 'a part has no name, or the name of another.', { code: 'structure' });
    parts.set(part.name, part);
  }
  const text = (name: string) => Object.values(parts.get(name) ?? {}).find((value) => value !== name);
  const type = patchTypes.find((known) => known === text('type'));
  if (!type) return fail('invalid', 'type must be add, insert, delete, replace or move.', { code: 'value' });
  const path = parts.get('path')?.valueString;
  if (typeof path !== 'string' || path === '') return fail('invalid', 'path is missing.', { code: 'required' });
  const operation: PatchOperation = { type, path };
  const name = parts.get('name')?.valueString;
  if (typeof name === 'string') operation.name = name;
  const value = parts.get('value');
  if (value) operation.value = value;
  for (const place of ['index', 'source', 'destination'] as const) {
    const at = parts.get(place)?.valueInteger;
    if (typeof at === 'number' && Number.isInteger(at) && at >= 0) operation[place] = at;
  }
  const missing = needs[type].find((part) => operation[part] === undefined);
  return missing === undefined
    ? ok(operation)
    : fail('invalid', `${type} needs ${missing}, of the right type.`, { code: 'required' });
}

/** All operations in their order, each finding its path in what the ones before it left; the first that fails ends it. */
function applyAll(resource: unknown, operations: readonly PatchOperation[], schema: Schema): Result<unknown> {
  // Every path is evaluated over the whole resource.
  if (operations.length * stringifyJson(resource).length > limits.patch.evaluatedBytes)
    return fail('too-large', 'The patch has too many operations for so large a resource.', { code: 'too-costly' });
  const copy = copyOf(resource);
  if (!isObject(copy)) return fail('invalid', 'Only a resource can be patched.');
  const work: PatchWork = { resource: copy, schema, emptied: new Set() };
  for (const [index, operation] of operations.entries()) {
    const done = appliers[operation.type](work, operation);
    if (!done.ok) return inOperation(index, done);
  }
  dropEmptied(work.resource, work.emptied);
  return ok(work.resource);
}
