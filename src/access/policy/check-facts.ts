import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { parseJson } from '../../fhir/json.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Reader, Stored, WriteCheck } from '../../store/types.ts';
import { bandForSelf } from './age.ts';
import type { Policy } from './compile.ts';
import { denialOf, isOfPerson, referenceOf } from './consent.ts';
import { flagFacts } from './flags.ts';
import { isSharing } from './sharing-consent.ts';

/**
 * Nobody makes himself a proxy. Of the records that say who may see a child, people of the family write two kinds: the young person the
 * consents that are the young person's own to give, and whoever decides for the child what is shared with an organization.
 */
export function checkFacts(clock: Clock, policy: () => Policy | undefined): WriteCheck {
  return {
    name: 'privacy-facts',
    types: ['CareTeam', 'Consent', 'Flag', 'Patient', 'Person', 'RelatedPerson'],
    check: async ({ type, before, after }, tx) => {
      const { actor } = tx;
      if (actor.kind !== 'user' || /^Practitioner(Role)?\//.test(actor.id)) return ok(undefined);
      const isOwn = (consent: Resource | undefined) =>
        consent === undefined || isOwnConsent(consent, actor.id) || isSharing(consent);
      // What they share with organizations has rules of its own (care/sharing).
      if (type === 'Consent' && isOwn(before) && isOwn(after))
        return after ? checkDenial(after, tx, policy(), clock.now()) : ok(undefined);
      return fail(
        'forbidden',
        'Who may see a child is written by the staff; a young person gives and ends consents of their own.',
      );
    },
  };
}

function isOwnConsent(consent: Resource, person: string): boolean {
  return isOfPerson(consent) && referenceOf(consent.patient) === person;
}

/** What would not be followed (`asGiven`) is not taken: nobody is to believe that a parent is shut out who is not. */
async function checkDenial(
  consent: Resource,
  tx: Reader,
  policy: Policy | undefined,
  now: Date,
): Promise<Result<void>> {
  if (!policy || consent.status !== 'active' || !isOfPerson(consent)) return ok(undefined);
  const denial = denialOf(consent, policy, now);
  if (!denial || denial.app !== undefined) return ok(undefined);
  const isForProxies =
    denial.actors.length === 0 || denial.actors.some((actor) => actor === '' || actor.startsWith('RelatedPerson/'));
  const isTheirs = !denial.everything && (denial.hides & ~policy.selfCloses) === 0n && denial.hides !== 0n;
  if (!isForProxies || isTheirs || !(await isMinor(consent, tx, policy, now))) return ok(undefined);
  const text =
    'A young person closes categories to a parent (provision.securityLabel) that the policy lets them close, or apps of a kind (provision.code); the staff write what goes further.';
  return fail('unprocessable', text, { code: 'business-rule', expression: ['Consent.provision'] });
}

async function isMinor(consent: Resource, tx: Reader, policy: Policy, now: Date): Promise<boolean> {
  const id = (referenceOf(consent.patient) ?? '').slice('Patient/'.length);
  const stored = await tx.read('Patient', id);
  if (!stored || stored.deleted) return true;
  const flags = (await tx.recordsOf([id], ['Flag'])).map((flag) => resourceOf(flag.stored));
  if (flagFacts(flags, policy, now).emancipated === 'yes') return false;
  return bandForSelf(resourceOf(stored).birthDate, policy.document, now) !== 'adult';
}

/** The store wrote this text: its shape is known. */
function resourceOf({ json }: Stored): Resource {
  return parseJson(json) as Resource;
}
