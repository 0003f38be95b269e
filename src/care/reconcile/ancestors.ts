import { limits } from '../../base/limits.ts';
import type { Reader } from '../../store/types.ts';
import type { Terms } from '../../terminology/terms.ts';

/**
 * What subsumes each of these codes (`system|code`), where the code system is loaded as a whole. One that is not, or does not know the
 * code, says nothing: then words are compared.
 */
export async function ancestorsOf(
  terms: Terms | undefined,
  reader: Reader,
  codes: readonly string[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const found = new Map<string, ReadonlySet<string>>();
  if (!terms) return found;
  const silent = new Set<string>();
  for (const one of [...new Set(codes)].slice(0, limits.care.reconcileCodes)) {
    const [system = '', code = ''] = one.split('|');
    if (silent.has(system)) continue;
    const above = await terms.related(reader, { system, code }, 'above');
    if (above.ok) found.set(one, new Set(above.value.map((each) => `${each.system}|${each.code}`)));
    else if (above.error.issues.some(({ text }) => text.includes('not loaded'))) silent.add(system);
  }
  return found;
}
