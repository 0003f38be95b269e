import { type Err, fail } from '../../base/errors.ts';
import type { Definitions } from '../definitions.ts';
import type { ParamKind, SearchParam } from './query.ts';

/**
 * The modifiers that are answered (FHIR R4, search.html#modifiers, and the section of each kind). Where an entry names
 * datatypes, the modifier makes sense for those only; `type` is the type of some element that the parameter looks at.
 */
const modifiers: Partial<Record<ParamKind, Readonly<Record<string, readonly string[] | 'any'>>>> = {
  token: {
    missing: 'any',
    not: 'any',
    text: ['CodeableConcept', 'Coding', 'Identifier'],
    in: ['CodeableConcept', 'Coding', 'code'],
    'not-in': ['CodeableConcept', 'Coding', 'code'],
    above: ['CodeableConcept', 'Coding', 'code'],
    below: ['CodeableConcept', 'Coding', 'code'],
    'of-type': ['Identifier'],
  },
  reference: {
    missing: 'any',
    identifier: ['Reference'],
    above: ['Reference'],
    below: ['Reference', 'canonical', 'uri'],
  },
  string: { missing: 'any', exact: 'any', contains: 'any' },
  date: { missing: 'any' },
  uri: { missing: 'any', above: 'any', below: 'any' },
  number: { missing: 'any' },
  quantity: { missing: 'any' },
  composite: { missing: 'any' },
  special: { missing: 'any' },
};

/** Defined by R4, and not answered: refused by name. */
const notAnswered: Partial<Record<ParamKind, readonly string[]>> = { string: ['text'] };

/** The error for a modifier that is not answered; undefined when it is. A resource type is a modifier of references. */
export function refuseModifier(definitions: Definitions, param: SearchParam, modifier: string): Err | undefined {
  const known = modifiers[param.kind] ?? {};
  if (param.kind === 'reference' && definitions.types.has(modifier)) return undefined;
  if (Object.hasOwn(known, modifier)) {
    const types = known[modifier];
    if (types === 'any' || typesOf(param).some((type) => types?.includes(type))) return undefined;
    const text = `Modifier ':${modifier}' does not apply to what search parameter '${param.code}' looks at.`;
    return fail('invalid', text, { code: 'invalid' });
  }
  if (notAnswered[param.kind]?.includes(modifier)) {
    return fail('invalid', `Modifier ':${modifier}' of search parameter '${param.code}' is not supported.`, {
      code: 'not-supported',
    });
  }
  // A modifier is repeated only when it has the shape of one: values do end up in the wrong place.
  const shown = /^[A-Za-z-]{1,32}$/.test(modifier) ? `modifier ':${modifier}'` : 'modifier of that name';
  const text = `Search parameter '${param.code}' (${param.kind}) has no ${shown}.`;
  return fail('invalid', text, { code: 'invalid' });
}

/** The datatypes of what a parameter looks at; none where only a FHIRPath engine knows. */
export function typesOf(param: SearchParam): string[] {
  return (param.paths ?? []).map(({ type }) => type);
}
