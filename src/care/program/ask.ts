import { visibilityOf } from '../../access/decide.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import type { Resource } from '../../fhir/types.ts';
import type { OperationParameters, OperationRequest } from '../../module.ts';
import { currentOf } from '../stored.ts';

/** What the operations of programs ask for, read the same way by all. */

const day = /^\d{4}-\d{2}-\d{2}$/;

/** A whole day, YYYY-MM-DD, that there is in the calendar. */
export function dayAsked(parameters: OperationParameters, name: string, absent: string): Result<string> {
  const text = parameters.text(name);
  if (text === undefined) return ok(absent);
  const isDay = day.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text) === true;
  return isDay ? ok(text) : fail('invalid', `${name} has to be a day, as 2026-02-01.`, { code: 'value' });
}

/** A reference to a resource of one of these types, without a version; undefined when it is not asked for. */
export function referenceAsked(
  parameters: OperationParameters,
  name: string,
  types: readonly string[],
): Result<string | undefined> {
  const text = parameters.text(name);
  if (text === undefined) return ok(undefined);
  const [, type = '', id] = /^([A-Za-z]+)\/([A-Za-z0-9.-]{1,64})$/.exec(text) ?? [];
  if (id !== undefined && types.includes(type)) return ok(text);
  return fail('invalid', `${name} has to be a reference to ${types.join(' or ')}, as ${types[0]}/id.`, {
    code: 'value',
  });
}

/** A code out of a list; undefined when it is not asked for. */
export function codeAsked<T extends string>(
  parameters: OperationParameters,
  name: string,
  codes: readonly T[],
): Result<T | undefined> {
  const text = parameters.text(name);
  const found = codes.find((code) => code === text);
  if (text === undefined || found !== undefined) return ok(found);
  return fail('invalid', `${name} has to be one of ${codes.join(', ')}.`, { code: 'value' });
}

/** What the URL names, when the caller may see it. Absent, deleted and hidden are one and the same. */
export async function seenTarget(
  { store, principal, id = '', resourceType = '' }: OperationRequest,
  noun: string,
): Promise<Result<{ resource: Resource; version: number }>> {
  const stored = await store.readSeen(resourceType, id, visibilityOf(principal, 'r'));
  const resource = currentOf(stored);
  return resource && stored
    ? ok({ resource, version: stored.version })
    : fail('not-found', `There is no such ${noun} here.`);
}
