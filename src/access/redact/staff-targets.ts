import type { Definitions } from '../../fhir/definitions.ts';
import { isObject } from '../../fhir/search/walk-path.ts';
import type { Policy } from '../policy/compile.ts';
import { targetsIn } from './references.ts';

/** Types of the directory: nobody's records, never of a category. */
const directory: ReadonlySet<string> = new Set([
  'HealthcareService',
  'Location',
  'Organization',
  'Practitioner',
  'PractitionerRole',
]);

/** Of a target as `Type/id`. */
export function isOfDirectory(target: string): boolean {
  return directory.has(target.split('/')[0] ?? '');
}

export interface StaffTargets {
  /**
   * The records that an answer to a clinician names and that might be hidden from the clinician. By some elements a record inherits the
   * categories of its target: as it is seen itself, so is the target, and nobody need be asked.
   */
  in(body: unknown, policy: Policy | undefined): Set<string>;
}

export function createStaffTargets({
  definitions,
  baseUrl,
}: {
  definitions: Definitions;
  baseUrl: string;
}): StaffTargets {
  let known: { policy: Policy | undefined; elements: Map<string, ReadonlySet<string>> } | undefined;
  const inherited = (type: string, policy: Policy | undefined): ReadonlySet<string> => {
    if (known?.policy !== policy || !known) known = { policy, elements: new Map() };
    const elements = known.elements.get(type) ?? inheritedElements(type, policy, definitions);
    known.elements.set(type, elements);
    return elements;
  };
  const visit = (value: unknown, policy: Policy | undefined, found: Set<string>): void => {
    if (!isObject(value)) return;
    if (value.resourceType === 'Bundle' && Array.isArray(value.entry)) {
      for (const entry of value.entry) if (isObject(entry)) visit(entry.resource, policy, found);
      return;
    }
    const skipped = inherited(String(value.resourceType), policy);
    for (const [name, element] of Object.entries(value)) {
      if (skipped.has(name) || typeof element !== 'object') continue;
      for (const target of targetsIn(element, baseUrl)) {
        if (!isOfDirectory(target)) found.add(target);
      }
    }
  };
  return {
    in: (body, policy) => {
      const found = new Set<string>();
      visit(body, policy, found);
      return found;
    },
  };
}

/** Elements of the resource itself, whole: what a parameter sees of an element only, or deeper, is asked for. */
function inheritedElements(type: string, policy: Policy | undefined, definitions: Definitions): ReadonlySet<string> {
  const inherits = policy?.document.inherits ?? {};
  const params = Object.hasOwn(inherits, type) ? (inherits[type] ?? []) : [];
  const paths = params.flatMap((code) => definitions.searchParams(type).get(code)?.paths ?? []);
  const whole = paths.flatMap(({ steps: [only, ...deeper], target }) =>
    typeof only === 'string' && deeper.length === 0 && target === undefined ? [only] : [],
  );
  return new Set(whole);
}
