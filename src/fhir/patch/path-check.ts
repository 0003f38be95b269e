import { limits } from '../../base/limits.ts';

/** Functions whose cost grows with what they are asked about, and no faster. `matches` runs any regular expression: never. */
const allowed: ReadonlySet<string> = new Set([
  'where',
  'first',
  'last',
  'tail',
  'skip',
  'take',
  'single',
  'ofType',
  'as',
  'exists',
  'empty',
  'not',
  'startsWith',
  'endsWith',
  'contains',
]);

/**
 * True when a FHIRPath that a client sent may be evaluated: it picks elements of the resource by names, indexes and plain
 * conditions. Variables, unions and other functions are not needed for that, and would let a short text cost minutes.
 */
export function isPickingPath(expression: string): boolean {
  if (expression.length > limits.patch.pathLength) return false;
  const bare = expression.replace(/'(?:[^'\\]|\\.)*'/g, "''");
  if (/[|%`"&]|\$(?!this\b)|\/[*/]|''\s*\(/.test(bare)) return false;
  for (const [, name = ''] of bare.matchAll(/([A-Za-z_]\w*)\s*\(/g)) {
    if (!allowed.has(name) && !['and', 'or', 'xor', 'implies', 'is', 'in'].includes(name)) return false;
  }
  return true;
}
