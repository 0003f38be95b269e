import type { ParamKind, SearchParam } from '../../src/fhir/search/query.ts';
import type { WalkPath, WalkStep } from '../../src/fhir/search/walk-path.ts';
import { leafTypes as addedLeafTypes } from '../../src/fhir/search-parameter/leaf-types.ts';
import type { Child } from './structures.ts';

export interface SearchParameterSource {
  code: string;
  type: ParamKind;
  base: string[];
  expression?: string;
  target?: string[];
  url?: string;
  /** Of a composite: the parameter that says how a part is read, and where it is in the element. */
  component?: { definition: string; expression: string }[];
}

export type ChildrenOf = (context: string, name: string) => Child[];

/** What the server reads of parameters that are added while it runs, and what only the published ones have. */
const leafTypes: typeof addedLeafTypes = {
  ...addedLeafTypes,
  // Location.position, the only one.
  special: ['BackboneElement'],
};

/** The parameter as it applies to one resource type. `undefined`: it has no expression for that type. */
export function narrow(source: SearchParameterSource, type: string, childrenOf: ChildrenOf): SearchParam | undefined {
  const alternatives = alternativesOf(source, type);
  // Bundle's `composition` and `message` lead to a resource inside the Bundle: nothing that could be asked for by reference.
  if (alternatives.length === 0 || alternatives.some((one) => one.endsWith('.entry[0].resource'))) return undefined;
  const param: SearchParam = { code: source.code, kind: source.type, expression: alternatives.join(' | ') };
  const paths: WalkPath[] = [];
  let isPlain = leafTypes[source.type] !== undefined;
  for (const alternative of alternatives) {
    const compiled = pathsOf(alternative.slice(type.length), type, source.type, childrenOf);
    if (compiled) paths.push(...compiled);
    else isPlain = false;
  }
  if (isPlain) param.paths = paths;
  if (source.type === 'reference') param.targets = targetsOf(source.target ?? [], param.paths);
  return param;
}

/** The alternatives of its expression that are about the type. */
export function alternativesOf(source: SearchParameterSource, type: string): string[] {
  return splitUnion(source.expression ?? '')
    .map((part) => part.replace(/^\((.*)\)(\..*)?$/, '$1$2').trim())
    .map((part) => part.replace(/^Resource\./, `${type}.`))
    .map((part) => (/^[a-z]/.test(part) ? `${type}.${part}` : part))
    .filter((part) => part === type || part.startsWith(`${type}.`));
}

/** `where(resolve() is Patient)` narrows the targets more than the SearchParameter says. */
export function targetsOf(declared: readonly string[], paths: readonly WalkPath[] | undefined): string[] {
  const filtered = (paths ?? []).map(({ target }) => target).filter((target) => target !== undefined);
  const narrowed = paths && paths.length > 0 && filtered.length === paths.length;
  return [...new Set(narrowed ? filtered : declared)].sort();
}

/** Splits at `|` outside parentheses and quotes. */
export function splitUnion(expression: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  let quoted = false;
  for (let at = 0; at < expression.length; at += 1) {
    const char = expression[at];
    if (char === "'") quoted = !quoted;
    else if (quoted) continue;
    else if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    else if (char === '|' && depth === 0) {
      parts.push(expression.slice(start, at).trim());
      start = at + 1;
    }
  }
  return [...parts, expression.slice(start).trim()].filter((part) => part !== '');
}

export interface Branch {
  steps: WalkStep[];
  type: string;
  context: string;
  /** Some step on the way repeats. */
  many: boolean;
}

const grammar =
  /^\.(?:where\(\s*resolve\(\)\s+is\s+(?<target>\w+)\s*\)|where\(\s*(?<where>\w+)\s*=\s*'(?<equals>[^']*)'\s*\)|ofType\((?<only>\w+)\)|(?<name>\w+)(?!\w*\())/;

/** The walks from a context that end where the kind has a meaning, one for each datatype; undefined when it is no plain path. */
export function pathsOf(
  expression: string,
  context: string,
  kind: ParamKind,
  childrenOf: ChildrenOf,
): WalkPath[] | undefined {
  const found = follow(expression, context, childrenOf);
  const { branches, target } = found ?? {};
  return branches
    ?.filter((branch) => leafTypes[kind]?.includes(branch.type))
    .map(({ steps, type: leaf }) => (target === undefined ? { steps, type: leaf } : { steps, type: leaf, target }));
}

/** Follows `.a.b.where(…)` from a context; undefined when it is no plain path. */
export function follow(
  expression: string,
  context: string,
  childrenOf: ChildrenOf,
): { branches: Branch[]; target?: string } | undefined {
  let rest = expression;
  let branches: Branch[] = [{ steps: [], type: context, context, many: false }];
  let target: string | undefined;
  while (rest !== '') {
    const groups = grammar.exec(rest)?.groups;
    if (!groups) return undefined;
    rest = rest.slice(grammar.exec(rest)?.[0].length ?? rest.length);
    const { name, only, where, equals } = groups;
    if (groups.target !== undefined) target = groups.target;
    // R4 writes `ofType(DateTime)` in one place: no datatype differs from another by case only.
    else if (only !== undefined) branches = branches.filter(({ type }) => type.toLowerCase() === only.toLowerCase());
    else if (where !== undefined && equals !== undefined)
      branches = branches.map((branch) => filterLast(branch, where, equals));
    else if (name !== undefined) branches = branches.flatMap((branch) => descend(branch, name, childrenOf));
  }
  return target === undefined ? { branches } : { branches, target };
}

function descend(branch: Branch, name: string, childrenOf: ChildrenOf): Branch[] {
  const children = childrenOf(branch.context, name);
  // `Extension.valueDateTime` is how some published expressions spell a choice.
  const found = children.length > 0 ? children : spelledChoice(branch.context, name, childrenOf);
  return found.map(({ property, type, context, many }) => ({
    steps: [...branch.steps, property],
    type,
    context,
    many: branch.many || many,
  }));
}

function spelledChoice(context: string, name: string, childrenOf: ChildrenOf): Child[] {
  const capital = name.search(/[A-Z]/);
  if (capital < 1) return [];
  return childrenOf(context, name.slice(0, capital)).filter(({ property }) => property === name);
}

function filterLast(branch: Branch, where: string, equals: string): Branch {
  const last = branch.steps.at(-1);
  if (typeof last !== 'string') return branch;
  return { ...branch, steps: [...branch.steps.slice(0, -1), { property: last, where, equals }] };
}
