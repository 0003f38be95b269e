import { stretch } from './matches.ts';
import { parameterOf, valuesOf } from './values.ts';

export type Query = [code: string, value: string][];

/** A value to search by, as it stands in the resource. */
function asked(resource: any, code: string): string | undefined {
  const [value] = valuesOf(resource, code);
  if (value === undefined) return undefined;
  const { kind } = parameterOf(resource.resourceType, code);
  if (kind === 'token') return value.code;
  return kind === 'date' ? day(value) : String(value);
}

/** A whole day finds what is within it; a Period by what it begins after. */
function day(value: string | { start: string }): string {
  if (typeof value === 'object') return `ge${value.start}`;
  return value.length === 10 ? value : new Date(stretch(value)[0]).toISOString().slice(0, 10);
}

/** Those of the resources that have all the parameters, each with the query that is to find it. */
export function examplesIn(
  resources: readonly any[],
  parameters: readonly string[],
): { resource: any; query: Query }[] {
  return resources.flatMap((resource) => {
    const query = parameters.map((code) => [code, asked(resource, code)] as const);
    return query.every((pair): pair is readonly [string, string] => pair[1] !== undefined)
      ? [{ resource, query: query.map(([code, value]): [string, string] => [code, value]) }]
      : [];
  });
}
