import type { Grant, TokenTest } from '../../store/types.ts';
import type { AccessClass } from './compile.ts';

/** To which patients a class is applied, and what it hides there. */
export interface Reach {
  patients?: readonly string[];
  except?: readonly string[];
  hides: bigint;
  /** Types that are left out whatever the class says. */
  without?: ReadonlySet<string>;
  /** `Type/id` of the records that are the viewer, for what is the viewer's own. */
  me?: readonly string[];
}

/** The grants of a class for some patients. */
export function grantsOf(grants: AccessClass['grants'], reach: Reach, types: ReadonlySet<string>): Grant[] {
  const { patients, except = [], hides, without = new Set(), me = [] } = reach;
  const limits = {
    ...(patients && { patients }),
    ...(except.length > 0 && { except }),
    ...(hides !== 0n && { hides }),
  };
  return grants.flatMap(({ mine = [], ...general }): Grant[] => {
    // What names the viewer cannot be asked of somebody who is no record.
    if (mine.length > 0 && me.length === 0) return [];
    const own: TokenTest[] = mine.map((param) => ({ param, anyOf: [], refersTo: me }));
    const grant = own.length === 0 ? general : { ...general, having: [...(general.having ?? []), ...own] };
    const left = without.size === 0 ? grant.types : lessTypes(grant.types, without, types);
    if (!patients) return [{ ...grant, types: left, ...limits }];
    // A Patient is in the compartment of those that it is linked to: a chart from before an adoption is not theirs to see.
    const others = lessTypes(left, new Set(['Patient']), types);
    const isPatient = left === 'any' || left.has('Patient');
    const itself: TokenTest = { param: '_id', anyOf: patients.map((code) => ({ code })) };
    const having = [...(grant.having ?? []), itself];
    return [
      ...(others.size > 0 ? [{ ...grant, types: others, ...limits }] : []),
      ...(isPatient ? [{ ...grant, types: new Set(['Patient']), ...limits, having }] : []),
    ];
  });
}

function lessTypes(types: Grant['types'], without: ReadonlySet<string>, all: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...(types === 'any' ? all : types)].filter((type) => !without.has(type)));
}
