import { isDeepStrictEqual } from 'node:util';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { plain, stringifyJson } from '../json.ts';
import { isObject, type Place, parsePointer, placeAt, valueAt } from './pointer.ts';
import { copyOf, depthOf, dropEmptied, removeAt } from './tree.ts';

type Step = { path: string[] } & (
  | { op: 'add' | 'replace' | 'test'; value: unknown }
  | { op: 'remove' }
  | { op: 'move' | 'copy'; from: string[] }
);

interface Work {
  document: unknown;
  /** Lists and objects that lost something. */
  emptied: Set<unknown>;
  copiedBytes: number;
}

/** Makes the change a JSON Patch document (RFC 6902) describes. `invalid`: the document is malformed. */
export function parseJsonPatch(body: unknown): Result<(document: unknown) => Result<unknown>> {
  if (!Array.isArray(body)) return fail('invalid', 'A JSON Patch is a list of operations.', { code: 'structure' });
  if (body.length === 0) return fail('invalid', 'The patch has no operation.', { code: 'required' });
  if (body.length > limits.patch.maxOperations)
    return fail('too-large', `A patch may have ${limits.patch.maxOperations} operations.`, { code: 'too-costly' });
  const steps: Step[] = [];
  for (const [index, operation] of body.entries()) {
    const step = parseStep(operation);
    if (!step.ok) return inOperation(index, step);
    steps.push(step.value);
  }
  return ok((document) => applySteps(document, steps));
}

function parseStep(operation: unknown): Result<Step> {
  if (!isObject(operation) || typeof operation.path !== 'string') return fail('invalid', 'path is missing.');
  const { op } = operation;
  const path = parsePointer(operation.path);
  if (!path.ok) return path;
  if (op === 'remove') return ok({ op, path: path.value });
  if (op === 'add' || op === 'replace' || op === 'test') {
    if (operation.value === undefined) return fail('invalid', 'value is missing.', { code: 'required' });
    return ok({ op, path: path.value, value: operation.value });
  }
  if (op !== 'move' && op !== 'copy') return fail('invalid', 'op must be add, remove, replace, move, copy or test.');
  if (typeof operation.from !== 'string') return fail('invalid', 'from is missing.', { code: 'required' });
  const from = parsePointer(operation.from);
  if (!from.ok) return from;
  const isInside = path.value.length > from.value.length && from.value.every((token, at) => token === path.value[at]);
  return op === 'move' && isInside
    ? fail('invalid', 'Nothing can be moved into itself.')
    : ok({ op, path: path.value, from: from.value });
}

/** All operations, or none: the first that fails ends it with `unprocessable`. */
function applySteps(document: unknown, steps: readonly Step[]): Result<unknown> {
  const work: Work = { document: copyOf(document), emptied: new Set(), copiedBytes: 0 };
  for (const [index, step] of steps.entries()) {
    const done = applyStep(work, step);
    if (!done.ok) return inOperation(index, done);
  }
  dropEmptied(work.document, work.emptied);
  return ok(work.document);
}

function applyStep(work: Work, step: Step): Result<void> {
  switch (step.op) {
    case 'add':
      return put(work, step.path, copyOf(step.value), 'add');
    case 'replace':
      return put(work, step.path, copyOf(step.value), 'replace');
    case 'remove':
      return takeOut(work, step.path);
    case 'test': {
      const found = step.path.length === 0 ? work.document : existing(work, step.path)?.value;
      if (found === undefined || !isDeepStrictEqual(plain(found), plain(step.value)))
        return fail('unprocessable', 'the test does not hold.');
      return ok(undefined);
    }
    case 'move':
    case 'copy': {
      const source = existing(work, step.from);
      if (!source) return absent();
      if (step.op === 'copy') return putCopy(work, step.path, source.value);
      const taken = takeOut(work, step.from);
      return taken.ok ? put(work, step.path, source.value, 'add') : taken;
    }
  }
}

/** Copies of copies grow without bound, so they are counted. */
function putCopy(work: Work, path: readonly string[], value: unknown): Result<void> {
  work.copiedBytes += stringifyJson(value).length;
  if (work.copiedBytes > limits.patch.copiedBytes)
    return fail('too-large', 'the patch copies too much.', { code: 'too-costly' });
  return put(work, path, copyOf(value), 'add');
}

function put(work: Work, path: readonly string[], value: unknown, op: 'add' | 'replace'): Result<void> {
  if (path.length + depthOf(value) > limits.http.jsonDepth) return fail('too-large', 'the result nests too deeply.');
  if (path.length === 0) {
    work.document = value;
    return ok(undefined);
  }
  const place = placeAt(work.document, path);
  if (!place || (op === 'replace' && valueAt(place) === undefined)) return absent();
  if ('key' in place) place.parent[place.key] = value;
  else place.parent.splice(place.index, op === 'replace' ? 1 : 0, value);
  return ok(undefined);
}

function takeOut(work: Work, path: readonly string[]): Result<void> {
  const found = existing(work, path);
  if (!found) return absent();
  removeAt(found.place);
  work.emptied.add(found.place.parent);
  return ok(undefined);
}

function existing(work: Work, path: readonly string[]): { place: Place; value: unknown } | undefined {
  const place = placeAt(work.document, path);
  const value = place && valueAt(place);
  return place && value !== undefined ? { place, value } : undefined;
}

function absent() {
  return fail('unprocessable', 'the path leads to nothing in this resource.', { code: 'not-found' });
}

/** The same error, saying which operation (from 0) it is about. */
export function inOperation<T>(index: number, result: Extract<Result<T>, { ok: false }>) {
  const issues = result.error.issues.map((issue) => ({ ...issue, text: `Patch operation ${index}: ${issue.text}` }));
  return { ok: false as const, error: { ...result.error, issues } };
}
