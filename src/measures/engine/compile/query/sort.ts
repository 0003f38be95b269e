import { FhirElement } from '../../model/element.ts';
import { sortOrder } from '../../values/order.ts';
import type { Value } from '../../values/types.ts';
import { nodeOf, nodesOf, textOf } from '../elm.ts';
import { elementOf } from '../property.ts';
import { Refusal } from '../refusal.ts';
import { type Site, withName } from '../site.ts';
import type { ElmNode, Frame } from '../types.ts';

/** By what values are sorted: their keys in one direction. */
interface SortKey {
  sign: 1 | -1;
  of(value: Value, frame: Frame): Value;
}

/**
 * `sort`: null comes first when ascending and last when descending, and what cannot be ordered keeps its place. Inside of a sort expression a
 * bare name is an element of the value that is sorted. Source: CQL 1.5, SortClause.
 */
export function compileSort(
  node: ElmNode | undefined,
  site: Site,
): ((values: readonly Value[], frame: Frame) => readonly Value[]) | undefined {
  if (!node) return undefined;
  const keys = nodesOf(node, 'by').map((by) => compileKey(by, site));
  return (values, frame) => {
    const rows = values.map((value) => ({ value, keys: keys.map((key) => plain(key.of(value, frame))) }));
    rows.sort((left, right) => {
      for (let n = 0; n < keys.length; n++) {
        const order = sortOrder(left.keys[n] ?? null, right.keys[n] ?? null) * (keys[n]?.sign ?? 1);
        if (order !== 0) return order;
      }
      return 0;
    });
    return rows.map(({ value }) => value);
  };
}

/** A primitive of FHIR is ordered by its value. */
function plain(key: Value): Value {
  return key instanceof FhirElement && key.type.isPrimitive ? key.value : key;
}

function compileKey(by: ElmNode, site: Site): SortKey {
  const direction = textOf(by, 'direction') ?? 'asc';
  const sign = direction.startsWith('desc') ? -1 : 1;
  if (by.type === 'ByColumn') {
    const steps = (textOf(by, 'path') ?? '').split('.');
    return { sign, of: (value) => steps.reduce(elementOf, value) };
  }
  const expression = nodeOf(by, 'expression');
  if (by.type === 'ByExpression' && expression) {
    const { site: inner, slot } = withName(site, '$this');
    const code = inner.compile(expression, inner);
    return {
      sign,
      of: (value, frame) => {
        frame.locals[slot] = value;
        return code(frame);
      },
    };
  }
  if (by.type === 'ByDirection') return { sign, of: (value) => value };
  throw new Refusal(`sort ${by.type} is not supported.`, site.place, by.locator);
}
