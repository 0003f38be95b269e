import { fail, ok, type Result } from '../../base/errors.ts';
import type { OperationParameters } from '../../module.ts';

/** Parameters that an operation has by its definition and that are not supported here: named, never ignored. */
export function refuseParameters(parameters: OperationParameters, names: readonly string[]): Result<void> {
  for (const name of names) {
    const isGiven =
      parameters.text(name) !== undefined || parameters.resource(name) || parameters.value?.(name) !== undefined;
    if (isGiven) return fail('invalid', `Parameter ${name} is not supported.`, { code: 'not-supported' });
  }
  return ok(undefined);
}

/** A parameter that is true or false; absent: what is said in its place. */
export function booleanOf(parameters: OperationParameters, name: string, otherwise: boolean): Result<boolean> {
  const text = parameters.text(name);
  if (text === undefined) return ok(otherwise);
  if (text === 'true' || text === 'false') return ok(text === 'true');
  return fail('invalid', `Parameter ${name} has to be true or false.`, { code: 'value' });
}
