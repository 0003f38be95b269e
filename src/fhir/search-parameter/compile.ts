import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { ParamKind } from '../search/query.ts';
import type { WalkPath, WalkStep } from '../search/walk-path.ts';
import type { Schema, Shape } from '../validate/schema.ts';
import { criterionOf } from './criterion.ts';
import { leafTypes } from './leaf-types.ts';
import { alternativesOf, bracketed } from './split-expression.ts';

/** A place that a path has come to: what leads there, its datatype, and the shape of what is inside. */
interface Branch {
  steps: WalkStep[];
  type: string;
  inside?: Shape;
  target?: string;
}

const notPlain = (what: string) =>
  fail(
    'unprocessable',
    `The expression has ${what}, which a search parameter here cannot have: it takes paths with where, extension, ofType, as and resolve() is, united by |.`,
    { code: 'not-supported' },
  );

/**
 * The walks of an expression for one resource type, one for each datatype that the kind of parameter has a meaning for. No walk: it
 * speaks of other types only, or leads to nothing that the type has. Error `unprocessable`: it is more than a path.
 */
export function compilePaths(expression: string, type: string, kind: ParamKind, schema: Schema): Result<WalkPath[]> {
  const root = schema.resource(type);
  if (!root) return ok([]);
  const branches = unionOf(expression, { type, root, schema }, 0);
  if (!branches.ok) return branches;
  const leaves = leafTypes[kind] ?? [];
  const paths = branches.value
    .filter((branch) => branch.steps.length > 0 && leaves.includes(branch.type))
    .map(({ steps, type: leaf, target }) =>
      target === undefined ? { steps, type: leaf } : { steps, type: leaf, target },
    );
  return ok(paths);
}

interface Home {
  type: string;
  root: Shape;
  schema: Schema;
}

function unionOf(expression: string, home: Home, depth: number): Result<Branch[]> {
  const alternatives = alternativesOf(expression);
  if (depth > limits.searchParameters.nesting || alternatives.length > limits.searchParameters.alternatives)
    return notPlain('too many parts');
  const found: Branch[] = [];
  for (const alternative of alternatives) {
    const branches = pathOf(alternative, home, depth);
    if (!branches.ok) return branches;
    found.push(...branches.value);
  }
  return ok(found);
}

/** `Patient.name`, `name`, `(a | b).c`, `(a as T)`; the branches of another type's path are none. */
function pathOf(text: string, home: Home, depth: number): Result<Branch[]> {
  if (text.startsWith('(')) {
    const group = bracketed(text);
    if (!group) return notPlain('brackets that do not close');
    const inner = unionOf(group.inside, home, depth + 1);
    return inner.ok ? follow(inner.value, group.rest, home) : inner;
  }
  const head = /^[A-Za-z]\w*/.exec(text)?.[0];
  if (head === undefined) return notPlain('a part that is no path');
  const start: Branch = { steps: [], type: home.type, inside: home.root };
  if (/^[a-z]/.test(head)) return follow([start], `.${text}`, home);
  const isMine = head === home.type || head === 'Resource' || head === 'DomainResource';
  const rest = follow([start], text.slice(head.length), home);
  return rest.ok && !isMine ? ok([]) : rest;
}

const typeName = '(?:FHIR\\.|System\\.)?(\\w+)';
const asType = new RegExp(`^\\.(?:ofType|as)\\(\\s*${typeName}\\s*\\)|^\\s+as\\s+${typeName}\\s*(?=$|\\))`);
const extensionCall = /^\.extension\(\s*'([^'\\]*)'\s*\)/;
const property = /^\.(\w+)(?!\w*\()/;

/** Goes on from the branches along the rest of a path. */
function follow(from: Branch[], text: string, home: Home): Result<Branch[]> {
  let branches = from;
  let rest = text;
  while (rest.trim() !== '') {
    const cast = asType.exec(rest);
    const extension = extensionCall.exec(rest);
    const name = property.exec(rest);
    if (cast) {
      const wanted = cast[1] ?? cast[2] ?? '';
      branches = branches.filter(({ type }) => type === wanted || type === lowerFirst(wanted));
      rest = rest.slice(cast[0].length);
    } else if (extension) {
      const url = extension[1] ?? '';
      branches = descend(branches, 'extension', home).map((branch) => filtered(branch, 'url', url));
      rest = rest.slice(extension[0].length);
    } else if (name) {
      branches = descend(branches, name[1] ?? '', home);
      rest = rest.slice(name[0].length);
    } else if (rest.startsWith('.where(')) {
      const condition = bracketed(rest.slice('.where'.length));
      const kept = condition ? conditioned(branches, condition.inside.trim()) : notPlain('brackets that do not close');
      if (!kept.ok || !condition) return kept;
      branches = kept.value;
      rest = condition.rest;
    } else return notPlain('a function or an operator');
    if (branches.length > limits.searchParameters.branches) return notPlain('too many ways to go');
  }
  return ok(branches);
}

function descend(branches: readonly Branch[], name: string, { schema }: Home): Branch[] {
  return branches.flatMap((branch) => {
    const last = branch.steps.at(-1);
    const extension = schema.shape('Extension');
    // JSON keeps what is inside of a primitive in a twin property.
    if (!branch.inside && name === 'extension' && typeof last === 'string' && extension)
      return [{ steps: [...branch.steps.slice(0, -1), `_${last}`, name], type: 'Extension', inside: extension }];
    const fields = [...(branch.inside?.fields ?? [])].filter(
      ([spelled, field]) => spelled === name || field.element === name,
    );
    return fields.map(([spelled, field]): Branch => {
      const inside = field.inside === undefined ? undefined : schema.shape(field.inside);
      return { steps: [...branch.steps, spelled], type: field.type, ...(inside && { inside }) };
    });
  });
}

/** `where(resolve() is T)`, `where(a = 'b')`, and any condition that only looks at the element. */
function conditioned(branches: readonly Branch[], condition: string): Result<Branch[]> {
  const target = /^resolve\(\)\s+is\s+(?:FHIR\.)?([A-Z]\w*)$/.exec(condition)?.[1];
  if (target !== undefined) return ok(branches.map((branch) => ({ ...branch, target })));
  const equality = /^(\w+)\s*=\s*'([^'\\]*)'$/.exec(condition);
  if (equality && branches.every((branch) => typeof branch.steps.at(-1) === 'string'))
    return ok(branches.map((branch) => filtered(branch, equality[1] ?? '', equality[2] ?? '')));
  const holds = criterionOf(condition);
  if (!holds) return notPlain('a condition in where()');
  return ok(branches.map((branch) => questioned(branch, holds)));
}

function filtered(branch: Branch, where: string, equals: string): Branch {
  const last = branch.steps.at(-1);
  if (typeof last !== 'string') return branch;
  return { ...branch, steps: [...branch.steps.slice(0, -1), { property: last, where, equals }] };
}

/** One more question about the last element; those asked before still count. */
function questioned(branch: Branch, holds: (element: unknown) => boolean): Branch {
  const last = branch.steps.at(-1);
  if (last === undefined) return branch;
  const name = typeof last === 'string' ? last : last.property;
  const before = (element: unknown) => typeof last === 'string' || passes(last, element);
  const step: WalkStep = { property: name, holds: (element) => before(element) && holds(element) };
  return { ...branch, steps: [...branch.steps.slice(0, -1), step] };
}

function passes(step: Exclude<WalkStep, string>, element: unknown): boolean {
  if ('holds' in step) return step.holds(element);
  return typeof element === 'object' && element !== null && Reflect.get(element, step.where) === step.equals;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
