import type { Grant } from '../../store/types.ts';
import type { AccessClass } from './compile.ts';

/** To which patients a class is applied, and what it hides there. */
export interface Reach {
  patients?: readonly string[];
  except?: readonly string[];
  hides: bigint;
  /** Types that are left out whatever the class says. */
  without?: ReadonlySet<string>;
}

/** The grants of a class for some patients. */
export function grantsOf(grants: AccessClass['grants'], reach: Reach, types: ReadonlySet<string>): Grant[] {
  const { patients, except = [], hides, without } = reach;
  return grants.map((grant) => ({
    ...grant,
    types: without ? lessTypes(grant.types, without, types) : grant.types,
    ...(patients && { patients }),
    ...(except.length > 0 && { except }),
    ...(hides !== 0n && { hides }),
  }));
}

function lessTypes(types: Grant['types'], without: ReadonlySet<string>, all: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...(types === 'any' ? all : types)].filter((type) => !without.has(type)));
}
