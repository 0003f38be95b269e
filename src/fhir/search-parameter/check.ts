import { type Issue, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Definitions } from '../definitions.ts';
import type { ParamKind, SearchParam } from '../search/query.ts';
import type { Resource } from '../types.ts';
import { compilePaths } from './compile.ts';
import { criterionOf, isYesOrNo } from './criterion.ts';

/** A search parameter that was added while running, ready for use. */
export interface CustomParam {
  code: string;
  /** By resource type. */
  params: ReadonlyMap<string, SearchParam>;
}

const kinds: ReadonlySet<string> = new Set(['token', 'reference', 'string', 'date', 'uri', 'number', 'quantity']);

/** Types without the elements of a DomainResource. */
const notDomain: ReadonlySet<string> = new Set(['Bundle', 'Binary', 'Parameters']);

/** Definitions that HL7 publishes say again what the base definitions have, sometimes narrower; the base definition goes on answering. */
const published = 'http://hl7.org/fhir/';

/**
 * Whether a SearchParameter can be one of this server (FHIR R4, searchparameter.html), and what it becomes. Undefined: it is kept
 * and read like any resource, and changes nothing: it is not active, or says what the base definitions say already. `base` are the
 * definitions without any added parameter. Error `unprocessable`: all that stands in the way, each at its element.
 */
export function checkSearchParameter(resource: Resource, base: Definitions): Result<CustomParam | undefined> {
  if (resource.status !== 'active') return ok(undefined);
  const issues: Issue[] = [];
  const refuse = (element: string, code: string, text: string) => {
    issues.push({ code, text, expression: [`SearchParameter.${element}`] });
  };
  const code = textOf(resource.code);
  const kind = textOf(resource.type);
  const expression = textOf(resource.expression);
  if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(code) || code.length > limits.searchParameters.codeLength)
    refuse('code', 'value', 'The code must be a name of letters, digits, - and _ that begins with a letter.');
  if (!isKind(kind)) refuse('type', 'not-supported', `Parameters of the type ${kind || 'given'} cannot be added.`);
  if (expression === '') refuse('expression', 'required', 'The parameter needs an expression.');
  if (expression.length > limits.searchParameters.expressionLength)
    refuse(
      'expression',
      'too-costly',
      `An expression has ${limits.searchParameters.expressionLength} characters at most.`,
    );
  for (const target of textsOf(resource.target)) {
    if (target !== 'Resource' && !base.types.has(target))
      refuse('target', 'value', 'target names a resource type that FHIR R4 does not have.');
  }
  const types = typesOf(resource, base);
  if (types.length === 0) refuse('base', 'value', 'base names no resource type that this server has.');
  if (issues.length > 0 || !isKind(kind)) return { ok: false, error: { kind: 'unprocessable', issues } };
  return forTypes(resource, { code, kind, expression, types }, base);
}

interface Wanted {
  code: string;
  kind: ParamKind;
  expression: string;
  types: readonly string[];
}

/** The parameter for each type of its base that does not have it already. */
function forTypes(resource: Resource, wanted: Wanted, base: Definitions): Result<CustomParam | undefined> {
  const { code, kind, types } = wanted;
  const params = new Map<string, SearchParam>();
  for (const type of types) {
    const param = paramFor(resource, wanted, type, base);
    if (!param.ok) return param;
    const known = base.searchParams(type).get(code);
    if (!known && param.value) params.set(type, param.value);
    if (known && !saysAgain(resource, known, kind, param.value))
      return refused('code', 'duplicate', `FHIR R4 has a search parameter of this code for ${type}: choose another.`);
    if (!known && !param.value && textsOf(resource.base).includes(type))
      return refused(
        'expression',
        'value',
        `The expression leads to nothing in a ${type} that a ${kind} parameter can search.`,
      );
  }
  return ok(params.size > 0 ? { code, params } : undefined);
}

function saysAgain(resource: Resource, known: SearchParam, kind: ParamKind, param: SearchParam | undefined): boolean {
  if (known.kind !== kind) return false;
  const isPublished = [resource.url, resource.derivedFrom].some((url) => textOf(url).startsWith(published));
  return isPublished || (param !== undefined && JSON.stringify(param.paths) === JSON.stringify(known.paths));
}

function paramFor(
  resource: Resource,
  { code, kind, expression, types }: Wanted,
  type: string,
  base: Definitions,
): Result<SearchParam | undefined> {
  const shared = { code, kind, expression, ...(kind === 'reference' && { targets: targetsOf(resource, base) }) };
  const paths = compilePaths(expression, type, kind, base.schema());
  if (paths.ok) return ok(paths.value.length > 0 ? { ...shared, paths: paths.value } : undefined);
  // A yes or no about the whole resource has no path; its datatype is known all the same.
  if (kind === 'token' && types.length === 1 && isYesOrNo(expression) && criterionOf(expression)) return ok(shared);
  const issues = paths.error.issues.map((issue) => ({ ...issue, expression: ['SearchParameter.expression'] }));
  return { ok: false, error: { ...paths.error, issues } };
}

function targetsOf(resource: Resource, base: Definitions): string[] {
  const named = textsOf(resource.target);
  return (named.length === 0 || named.includes('Resource') ? [...base.types] : [...new Set(named)]).sort();
}

function typesOf(resource: Resource, base: Definitions): string[] {
  const named = textsOf(resource.base);
  return [...base.types].filter(
    (type) =>
      named.includes(type) || named.includes('Resource') || (named.includes('DomainResource') && !notDomain.has(type)),
  );
}

function refused(element: string, code: string, text: string): Result<never> {
  const issue: Issue = { code, text, expression: [`SearchParameter.${element}`] };
  return { ok: false, error: { kind: 'unprocessable', issues: [issue] } };
}

function isKind(text: string): text is ParamKind {
  return kinds.has(text);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
