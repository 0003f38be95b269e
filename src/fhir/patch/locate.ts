import { fail, ok, type Result } from '../../base/errors.ts';
import { evalFhirPathTyped, parseFhirPath } from '../fhirpath/parse.ts';
import { plain } from '../json.ts';
import { isPickingPath } from './path-check.ts';
import { isObject } from './pointer.ts';

/**
 * The places a FHIRPath leads to, each as JSON properties and list indexes from the resource down, e.g. `['name', 0, 'given', 1]`.
 * The path is evaluated on ordinary numbers; the places hold for the text with its digits as well. Errors: `invalid` for an
 * expression that cannot be evaluated or does not lead to elements of the resource (`1 + 1`, `extension('…')`).
 */
export function locate(resource: Record<string, unknown>, expression: string): Result<(string | number)[][]> {
  if (!isPickingPath(expression)) {
    const text =
      'the path must pick elements: names, indexes, where(), first(), last(), ofType(), and plain conditions.';
    return fail('invalid', text, { code: 'not-supported' });
  }
  const type = String(resource.resourceType);
  let found: { path?: string }[];
  try {
    const start = { type, value: plain(resource), path: type };
    found = evalFhirPathTyped(parseFhirPath(expression), [start]) as { path?: string }[];
  } catch {
    return fail('invalid', 'the path is not FHIRPath that can be evaluated here.', { code: 'value' });
  }
  const places: (string | number)[][] = [];
  for (const { path } of found) {
    const place = path === undefined ? undefined : placeOf(resource, path);
    if (!place) {
      return fail(
        'invalid',
        'the path must lead to elements of the resource: names, indexes, where(), first(), ofType().',
        {
          code: 'value',
        },
      );
    }
    places.push(place);
  }
  return ok(places);
}

/** `Observation.value.code` → `['valueQuantity', 'code']`: the library writes a choice element without its type. */
function placeOf(resource: unknown, path: string): (string | number)[] | undefined {
  const steps = path
    .split('.')
    .slice(1)
    .flatMap((part) => {
      const [name = '', ...indexes] = part.split('[');
      return [name, ...indexes.map((index) => Number.parseInt(index, 10))];
    });
  const place: (string | number)[] = [];
  let value = resource;
  for (const step of steps) {
    const key = typeof step === 'string' && isObject(value) ? propertyOf(value, step) : step;
    if (key === undefined) return undefined;
    place.push(key);
    value = childOf(value, key);
    if (value === undefined) return undefined;
  }
  return place;
}

export function childOf(value: unknown, key: string | number): unknown {
  if (typeof key === 'number') return Array.isArray(value) ? value[key] : undefined;
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function propertyOf(value: Record<string, unknown>, element: string): string | undefined {
  if (Object.hasOwn(value, element)) return element;
  return Object.keys(value).find((name) => name.startsWith(element) && /^[A-Z]/.test(name.slice(element.length)));
}
