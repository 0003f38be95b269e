import { fail, ok } from '../../../base/errors.ts';
import type { Command } from '../../../module.ts';
import { type Dialect, dialects } from './words.ts';

const reference = /^(Organization|HealthcareService|PractitionerRole|CareTeam)\/[A-Za-z0-9.-]{1,64}$/;

/** `referral partner set`, `referral partner remove`, `referral partner list`: which client is the system of whom, and how it speaks. */
export function partnerCommands(): Command[] {
  return [partnerSet, partnerRemove, partnerList];
}

const partnerSet: Command = {
  name: 'referral partner set',
  administers: true,
  summary: 'Says how a client speaks of referrals (fhir, gravity, bser), and for which organizations it acts.',
  takes: ['client'],
  options: {
    dialect: { kind: 'text', help: 'fhir, gravity or bser', required: true },
    'acts-for': { kind: 'list', help: 'Organization/…, HealthcareService/… (may be given several times)' },
  },
  async run({ arguments: { client = '' }, text, list, store }) {
    const dialect = dialects.find((known) => known === text('dialect'));
    if (!dialect) return fail('invalid', `--dialect is one of ${dialects.join(', ')}.`);
    const actsFor = list('acts-for');
    if (!actsFor.every((one) => reference.test(one)))
      return fail('invalid', '--acts-for takes a reference to an organization, as Organization/id.');
    const [known] = await store.query('SELECT 1 FROM auth_client WHERE id = $1', [client]);
    if (!known) return fail('not-found', 'There is no such client.');
    await store.query(
      `INSERT INTO referral_partner (client_id, dialect, acts_for) VALUES ($1, $2, $3)
       ON CONFLICT (client_id) DO UPDATE SET dialect = EXCLUDED.dialect, acts_for = EXCLUDED.acts_for`,
      [client, dialect, actsFor],
    );
    return ok(undefined);
  },
};

const partnerRemove: Command = {
  name: 'referral partner remove',
  administers: true,
  summary: 'Lets a client speak plain FHIR, and act for nobody in particular.',
  takes: ['client'],
  async run({ arguments: { client = '' }, store }) {
    await store.query('DELETE FROM referral_partner WHERE client_id = $1', [client]);
    return ok(undefined);
  },
};

const partnerList: Command = {
  name: 'referral partner list',
  summary: 'Lists the clients that are the systems of partners: how each speaks, and for whom it acts.',
  async run({ store, print }) {
    const rows = await store.query<{ client_id: string; dialect: Dialect; acts_for: string[] }>(
      'SELECT client_id, dialect, acts_for FROM referral_partner ORDER BY client_id',
    );
    for (const { client_id, dialect, acts_for } of rows) print([client_id, dialect, acts_for.join(' ')].join('\t'));
    return ok(undefined);
  },
};
