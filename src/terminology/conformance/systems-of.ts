import { limits } from '../../base/limits.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Library } from '../types.ts';

/**
 * The code systems that a value set may have codes of, imported sets included: what the system of an element of type `code` can be.
 * Undefined when an imported set is not here, or there are too many.
 */
export async function systemsOf(valueSet: r4.ValueSet, library: Library): Promise<string[] | undefined> {
  const systems = new Set<string>();
  const opened = new Set<string>();
  const open = [valueSet];
  for (let next = open.pop(); next; next = open.pop()) {
    for (const { system } of next.expansion?.contains ?? []) if (system !== undefined) systems.add(system);
    for (const include of next.compose?.include ?? []) {
      if (include.system !== undefined) systems.add(include.system);
      for (const canonical of include.system === undefined ? (include.valueSet ?? []) : []) {
        if (opened.has(canonical)) continue;
        opened.add(canonical);
        const [url = '', version] = canonical.split('|');
        const imported = await library.valueSet(url, version);
        if (!imported || opened.size > limits.terminology.imports) return undefined;
        open.push(imported);
      }
    }
  }
  return [...systems];
}
