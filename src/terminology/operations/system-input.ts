import { fail, ok, type Result } from '../../base/errors.ts';
import { systemOf } from '../systems/from-resource.ts';
import type { OperationInput, SystemReader } from '../types.ts';
import { givenResource, type OperationDeps } from './input.ts';

/** The code system an operation is about: of the URL, the body, or by canonical URL (`named`). `not-found` when it is not here. */
export async function askedSystem(
  input: OperationInput,
  deps: OperationDeps,
  named: { url?: string | undefined; version?: string | undefined },
): Promise<Result<SystemReader>> {
  const given = await givenResource('CodeSystem', input, deps);
  if (!given.ok) return given;
  const library = deps.libraryOf(input.store);
  if (given.value && given.value.content !== 'not-present') return ok(systemOf(given.value));
  const [url, version] = given.value
    ? [given.value.url, given.value.version]
    : [named.url?.split('|')[0], named.version ?? named.url?.split('|')[1]];
  if (url === undefined) return fail('invalid', 'Say which code system.', { code: 'required' });
  const found = await library.system(url, version);
  return found ? ok(found) : fail('not-found', 'The code system is not loaded.');
}
