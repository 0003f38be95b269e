import { fail, ok } from '../../base/errors.ts';
import type { WriteCheck } from '../../store/types.ts';
import { organizationOf, partiesOf, partnerOf } from './mark-partners.ts';
import { partnerKind } from './partner-facts.ts';
import { rolesOf } from './roles.ts';

/**
 * Who is outside stays outside unless somebody says so whose task that is: that an Organization is no partner any more, or another kind, and
 * that somebody who works for a partner has a place in the house, is written by a privacy officer, an administrator or a system.
 */
export const checkPartners: WriteCheck = {
  name: 'partners',
  types: ['Organization', 'PractitionerRole'],
  check: async ({ type, before, after }, tx) => {
    const { actor } = tx;
    if (actor.kind !== 'user') return ok(undefined);
    if (type === 'Organization') {
      const was = partnerKind(before);
      if (was === undefined || (after && partnerKind(after) === was)) return ok(undefined);
    } else {
      if (!after || after.active === false || organizationOf(after) === undefined) return ok(undefined);
      if ((await partnerOf(after, tx)) !== undefined) return ok(undefined);
      const marks = await tx.own.query('SELECT 1 AS one FROM access_partner WHERE party = ANY ($1) LIMIT 1', [
        partiesOf(after),
      ]);
      if (marks.length === 0) return ok(undefined);
    }
    const roles = await rolesOf(tx.own, actor.id);
    if (roles.has('privacy-officer') || roles.has('administrator')) return ok(undefined);
    const text = 'Who works for a partner organization, and which one is a partner, is changed by a privacy officer.';
    return fail('forbidden', text);
  },
};
