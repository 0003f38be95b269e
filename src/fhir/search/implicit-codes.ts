import type { Field, Schema } from '../validate/schema.ts';
import type { ListedValueSets } from '../validate/value-sets.ts';
import type { SearchParam } from './query.ts';
import type { WalkStep } from './walk-path.ts';

/** The codes, by system, of the required value sets of the `code` elements a parameter looks at. */
export function implicitCodes(
  param: SearchParam,
  schema: Schema,
  lists: ListedValueSets,
): ReadonlyMap<string, ReadonlySet<string>> | undefined {
  // The expression is narrowed to the one type, so it begins with its name.
  const type = /[A-Z]\w+/.exec(param.expression)?.[0] ?? '';
  const found = new Map<string, Set<string>>();
  for (const path of param.paths ?? []) {
    const url = path.type === 'code' ? fieldAt(schema, type, path.steps)?.codesUrl : undefined;
    for (const [system, codes] of (url !== undefined && lists.get(url)) || []) {
      found.set(system, new Set([...(found.get(system) ?? []), ...codes]));
    }
  }
  return found.size > 0 ? found : undefined;
}

function fieldAt(schema: Schema, type: string, steps: readonly WalkStep[]): Field | undefined {
  let shape = schema.resource(type);
  let field: Field | undefined;
  for (const step of steps) {
    field = shape?.fields.get(typeof step === 'string' ? step : step.property);
    shape = field?.inside === undefined ? undefined : schema.shape(field.inside);
  }
  return field;
}
