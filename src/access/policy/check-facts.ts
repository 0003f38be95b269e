import { fail, ok } from '../../base/errors.ts';
import type { Resource } from '../../fhir/types.ts';
import type { WriteCheck } from '../../store/types.ts';
import { codings, proxyBasisSystem, referenceOf } from './consent.ts';
import { isSharing } from './sharing-consent.ts';

/** Bases that the person concerned gives and takes back without anybody's help. */
const own: readonly string[] = ['teen-authorised', 'adult-child-authorised'];

/**
 * Nobody makes himself a proxy. Of the records that say who may see a child, people of the family write two kinds: the young person the
 * consents that are the young person's own to give, and whoever decides for the child what is shared with an organization.
 */
export const checkFacts: WriteCheck = {
  name: 'privacy-facts',
  types: ['CareTeam', 'Consent', 'Flag', 'Patient', 'Person', 'RelatedPerson'],
  check: async ({ type, before, after }, { actor }) => {
    if (actor.kind !== 'user' || /^Practitioner(Role)?\//.test(actor.id)) return ok(undefined);
    const isOwn = (consent: Resource | undefined) =>
      consent === undefined || isOwnConsent(consent, actor.id) || isSharing(consent);
    // What they share with organizations has rules of its own (care/sharing).
    if (type === 'Consent' && isOwn(before) && isOwn(after)) return ok(undefined);
    return fail(
      'forbidden',
      'Who may see a child is written by the staff; a young person gives and ends consents of their own.',
    );
  },
};

function isOwnConsent(consent: Resource, person: string): boolean {
  const basis = codings(consent.category, proxyBasisSystem);
  return basis.length === 1 && own.includes(basis[0] ?? '') && referenceOf(consent.patient) === person;
}
