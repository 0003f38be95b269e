import { type Err, fail } from '../../base/errors.ts';
import type { Definitions } from '../definitions.ts';
import type { ParamKind, SearchParam } from './query.ts';

/** Modifiers that are answered, and those FHIR R4 defines besides (search.html#modifiers): refused by name, never dropped. */
const modifiers: Partial<Record<ParamKind, { answered: readonly string[]; defined: readonly string[] }>> = {
  token: { answered: ['missing', 'not'], defined: ['text', 'in', 'not-in', 'above', 'below', 'of-type'] },
  reference: { answered: ['missing'], defined: ['identifier', 'above', 'below'] },
  string: { answered: ['missing', 'exact', 'contains'], defined: ['text'] },
  date: { answered: ['missing'], defined: [] },
  uri: { answered: ['missing'], defined: ['above', 'below'] },
  number: { answered: ['missing'], defined: [] },
  quantity: { answered: ['missing'], defined: [] },
};

/** The error for a modifier that is not answered; undefined when it is. A resource type is a modifier of references. */
export function refuseModifier(definitions: Definitions, param: SearchParam, modifier: string): Err | undefined {
  const known = modifiers[param.kind];
  if (known?.answered.includes(modifier)) return undefined;
  if (param.kind === 'reference' && definitions.types.has(modifier)) return undefined;
  if (known?.defined.includes(modifier)) {
    return fail('invalid', `Modifier ':${modifier}' of search parameter '${param.code}' is not supported.`, {
      code: 'not-supported',
    });
  }
  const text = `Search parameter '${param.code}' (${param.kind}) has no modifier ':${modifier}'.`;
  return fail('invalid', text, { code: 'invalid' });
}
