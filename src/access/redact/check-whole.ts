import { fail, ok } from '../../base/errors.ts';
import type { Definitions } from '../../fhir/definitions.ts';
import type { WriteCheck } from '../../store/types.ts';
import type { Access } from '../access.ts';
import { lookUp, targetsIn } from './references.ts';

interface Deps {
  access: Pick<Access, 'admit'>;
  definitions: Definitions;
  baseUrl: string;
}

/**
 * Nobody writes the next version of a record that they are told in part: what was left out would be lost. Where every write passes, so for
 * PUT, PATCH, with criteria, in a Bundle.
 */
export function checkWhole({ access, definitions, baseUrl }: Deps): WriteCheck {
  return {
    name: 'told-whole',
    types: 'all',
    check: async ({ outcome, before }, tx) => {
      const { kind, id, clientId = '' } = tx.actor;
      if (outcome !== 'updated' || !before || kind !== 'user' || !/^Practitioner(Role)?\//.test(id))
        return ok(undefined);
      const named = targetsIn(before, baseUrl);
      if (named.size === 0) return ok(undefined);
      const { view } = await access.admit({ kind, id, fhirUser: id, clientId, scopes: [] }, tx);
      // Of what a partner sends back only its own part is taken (policy/told-tasks.ts).
      if (!view?.redaction || view.partner) return ok(undefined);
      const { hidden } = await lookUp(named, view, { sql: tx, definitions });
      return hidden.size === 0 ? ok(undefined) : toldInPart([`${before.resourceType}.meta.tag`]);
    },
  };
}

export function toldInPart(expression: string[]) {
  const text = 'This resource is told in part (SUBSETTED): what was left out would be lost.';
  return fail('unprocessable', text, { code: 'business-rule', expression });
}
