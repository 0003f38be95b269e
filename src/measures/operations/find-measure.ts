import { fail, ok, type Result } from '../../base/errors.ts';
import type { OperationParameters } from '../../module.ts';
import type { ReadyMeasure } from '../types.ts';
import type { Asked } from './room.ts';

/** The measures that parameters of these names ask for, in their order and each once; an instance-level request asks for its own. */
export function measuresAsked({ room, request }: Asked, names: readonly string[]): Result<ReadyMeasure[]> {
  const asked = request.id === undefined ? askedFor(request.parameters, names) : [request.id];
  if (asked.length === 0) return fail('invalid', `Parameter ${names[0]} is required.`, { code: 'required' });
  const found: ReadyMeasure[] = [];
  for (const each of asked) {
    const measure = room.find(each);
    if (!measure.ok) return measure;
    if (!found.includes(measure.value)) found.push(measure.value);
  }
  return ok(found);
}

/** A repeated parameter, or canonical URLs with commas between them. */
function askedFor(parameters: OperationParameters, names: readonly string[]): string[] {
  return names
    .flatMap((name) => parameters.texts(name))
    .flatMap((text) => text.split(',').filter((part) => part !== ''));
}
