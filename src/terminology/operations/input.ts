import { fail, type Issue, ok, type Result } from '../../base/errors.ts';
import { plain } from '../../fhir/json.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Library, OperationInput } from '../types.ts';

/** What the handlers of this folder are given besides their input. */
export interface OperationDeps {
  libraryOf(store: OperationInput['store']): Library;
  /** Checks a resource that came in the request against its definition. */
  validate(resource: Resource): Issue[];
  now(): Date;
}

/** A code someone asks about. */
export interface AskedCode {
  system?: string;
  version?: string;
  code: string;
  display?: string;
}

interface Terminology {
  ValueSet: r4.ValueSet;
  CodeSystem: r4.CodeSystem;
  ConceptMap: r4.ConceptMap;
}

/**
 * The resource an operation is about, when the request gives it itself: the instance of the URL, or one in the body.
 * Undefined when it gives neither. A body of another type or shape is `invalid`.
 */
export async function givenResource<T extends keyof Terminology>(
  type: T,
  input: OperationInput,
  deps: OperationDeps,
): Promise<Result<Terminology[T] | undefined>> {
  if (input.id !== undefined) {
    const stored = await input.store.read(type, input.id);
    if (!stored) return fail('not-found', `There is no such ${type}.`);
    if (stored.deleted) return fail('gone', `This ${type} was deleted.`);
    return ok(plain(JSON.parse(stored.json)) as Terminology[T]);
  }
  const name = `${type.charAt(0).toLowerCase()}${type.slice(1)}`;
  const given = input.parameters.resource(name) ?? input.parameters.resource('resource');
  if (!given) return ok(undefined);
  if (given.resourceType !== type)
    return fail('invalid', `The parameter ${name} takes a ${type}.`, { code: 'structure' });
  const issues = deps.validate(given).filter(({ severity }) => severity === undefined || severity === 'error');
  if (issues.length > 0) return { ok: false, error: { kind: 'unprocessable', issues } };
  // Validated just now.
  return ok(plain(given) as unknown as Terminology[T]);
}

/** The value set an operation is about: of the URL, the body, or by its canonical URL. */
export async function askedValueSet(input: OperationInput, deps: OperationDeps): Promise<Result<r4.ValueSet>> {
  const given = await givenResource('ValueSet', input, deps);
  if (!given.ok) return given;
  if (given.value) return ok(given.value);
  const canonical = input.parameters.text('url');
  if (canonical === undefined) return fail('invalid', 'Say which value set: url or valueSet.', { code: 'required' });
  const [url = '', version] = canonical.split('|');
  const asked = version ?? input.parameters.text('valueSetVersion');
  const found = await deps.libraryOf(input.store).valueSet(url, asked);
  return found ? ok(found) : fail('not-found', 'The value set is not here.');
}

/** The codes asked about, from code (with system, version, display), coding or codeableConcept: exactly one of the three. */
export function askedCodes({ parameters }: OperationInput, prefix = ''): Result<AskedCode[]> {
  const name = (one: string) => (prefix === '' ? one : `${one}${prefix}`);
  const code = parameters.text(name('code'));
  const coding = parameters.value?.(name('coding'));
  const concept = prefix === '' ? parameters.value?.('codeableConcept') : undefined;
  if ([code, coding, concept].filter((one) => one !== undefined).length !== 1) {
    return fail(
      'invalid',
      `Give exactly one of ${name('code')}, ${name('coding')}${prefix === '' ? ', codeableConcept' : ''}.`,
      {
        code: 'required',
      },
    );
  }
  if (code !== undefined) {
    const asked: AskedCode = { code };
    const system = parameters.text('system');
    const version = parameters.text('systemVersion') ?? parameters.text('version');
    const display = parameters.text('display');
    if (system !== undefined) asked.system = system;
    if (version !== undefined) asked.version = version;
    if (display !== undefined) asked.display = display;
    return ok([asked]);
  }
  const codings = concept === undefined ? [coding] : partOf(concept, 'coding');
  const asked = (Array.isArray(codings) ? codings : []).flatMap((one) => codingOf(one) ?? []);
  return asked.length > 0 ? ok(asked) : fail('invalid', 'There is no coding with a code.', { code: 'required' });
}

function partOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value ? Reflect.get(value, name) : undefined;
}

function codingOf(value: unknown): AskedCode | undefined {
  const text = (name: string) => {
    const found = partOf(value, name);
    return typeof found === 'string' ? found : undefined;
  };
  const code = text('code');
  if (code === undefined) return undefined;
  const asked: AskedCode = { code };
  for (const name of ['system', 'version', 'display'] as const) {
    const found = text(name);
    if (found !== undefined) asked[name] = found;
  }
  return asked;
}

/** True, false, or `fallback` when absent. */
export function flagOf({ parameters }: OperationInput, name: string, fallback = false): Result<boolean> {
  const text = parameters.text(name);
  if (text === undefined) return ok(fallback);
  if (text === 'true' || text === 'false') return ok(text === 'true');
  return fail('invalid', `The parameter ${name} takes true or false.`, { code: 'value' });
}

/** A whole number from 0, or undefined when absent. */
export function countOf({ parameters }: OperationInput, name: string): Result<number | undefined> {
  const text = parameters.text(name);
  if (text === undefined) return ok(undefined);
  if (/^\d{1,9}$/.test(text)) return ok(Number(text));
  return fail('invalid', `The parameter ${name} takes a whole number from 0.`, { code: 'value' });
}

/** Refuses parameters that would change the answer and are not evaluated here. */
export function refuse({ parameters }: OperationInput, names: readonly string[]): Result<void> {
  const given = names.find((name) => parameters.text(name) !== undefined || parameters.value?.(name) !== undefined);
  if (given === undefined) return ok(undefined);
  return fail('unprocessable', `The parameter ${given} is not supported here.`, { code: 'not-supported' });
}

export function parametersResource(parameter: r4.ParametersParameter[]): Resource {
  return { resourceType: 'Parameters', parameter };
}
