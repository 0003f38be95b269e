import { evalFhirPathTyped } from '@medplum/core';
import { dateRange, periodRange } from '../../src/fhir/date-range.ts';
import type { Definitions } from '../../src/fhir/definitions.ts';
import { normalizeText } from '../../src/fhir/search/normalize.ts';
import type { Filter, SearchQuery, SearchValue } from '../../src/fhir/search/query.ts';
import type { Resource } from '../../src/fhir/types.ts';

/**
 * The slow, obvious answer to "does this resource match this search?", straight from the resource and the published FHIRPath,
 * without property walks and without an index. Source: FHIR R4, search.html. Paging, sorting and includes are not its matter.
 */
export function matches(definitions: Definitions, resource: Resource, query: SearchQuery): boolean {
  if (resource.resourceType !== query.type || !definitions.types.has(query.type)) return false;
  return query.filters.every((filter) => filter.kind === 'filter' && matchesFilter(resource, filter));
}

interface Leaf {
  value: unknown;
}

function matchesFilter(resource: Resource, { param, modifier, values }: Filter): boolean {
  const leaves: Leaf[] = evalFhirPathTyped(param.expression, [{ type: resource.resourceType, value: resource }]);
  const any = values.some((value) =>
    value.kind === 'missing'
      ? (leaves.length === 0) === value.missing
      : leaves.some((leaf) => matchesLeaf(leaf, modifier, value)),
  );
  return modifier === 'not' ? !any : any;
}

function matchesLeaf(leaf: Leaf, modifier: string | undefined, asked: SearchValue): boolean {
  switch (asked.kind) {
    case 'token':
      return codings(leaf).some(
        ({ system, code }) =>
          (asked.system === undefined || asked.system === system) &&
          (asked.code === undefined ? system !== '' : asked.code === code),
      );
    case 'reference':
      return matchesReference(leaf.value, asked);
    case 'string':
      return texts(leaf).some((text) => {
        if (modifier === 'exact') return text === asked.text;
        const normal = normalizeText(text);
        return modifier === 'contains' ? normal.includes(asked.text) : normal.startsWith(asked.text);
      });
    case 'date':
      return matchesDate(leaf, asked);
    case 'uri':
      return leaf.value === asked.uri;
    case 'missing':
      return false;
    default:
      throw new Error('not asked of this oracle');
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

function list(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** By shape, because without loaded definitions the engine does not tell one complex datatype from another. */
function codings({ value }: Leaf): { system: string; code: string }[] {
  if (typeof value !== 'object' || value === null) return [{ system: '', code: String(value) }];
  const inner = field(value, 'coding');
  if (inner !== undefined) return list(inner).flatMap((coding) => codings({ value: coding }));
  const system = String(field(value, 'system') ?? '');
  const isContactPoint = ['phone', 'fax', 'email', 'pager', 'url', 'sms', 'other'].includes(system);
  return [{ system: isContactPoint ? '' : system, code: String(field(value, 'code') ?? field(value, 'value') ?? '') }];
}

function matchesReference(value: unknown, asked: Extract<SearchValue, { kind: 'reference' }>): boolean {
  const text = typeof value === 'string' ? value : field(value, 'reference');
  if (typeof text !== 'string') return false;
  if (asked.url !== undefined) return text === asked.url || text.split('|')[0] === asked.url;
  const [type, id] = text.split('/');
  return !text.includes(':') && id === asked.id && (asked.type === undefined || type === asked.type);
}

const textParts = [
  'text',
  'family',
  'given',
  'prefix',
  'suffix',
  'line',
  'city',
  'district',
  'state',
  'postalCode',
  'country',
];

function texts({ value }: Leaf): string[] {
  return typeof value === 'string' ? [value] : textParts.flatMap((part) => list(field(value, part)).map(String));
}

/** R4, search.html#prefix; both sides are ranges. */
function matchesDate({ value }: Leaf, asked: Extract<SearchValue, { kind: 'date' }>): boolean {
  const range = typeof value === 'string' ? dateRange(value) : periodRange(field(value, 'start'), field(value, 'end'));
  if (!range) return false;
  const inside = range.start >= asked.start && range.end <= asked.end;
  const answers = {
    eq: inside,
    ne: !inside,
    gt: range.end > asked.end,
    lt: range.start < asked.start,
    ge: range.end > asked.end || inside,
    le: range.start < asked.start || inside,
    sa: range.start >= asked.end,
    eb: range.end <= asked.start,
    ap: range.start < asked.end && range.end > asked.start,
  };
  return answers[asked.prefix];
}
