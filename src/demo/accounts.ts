import { randomInt } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAccounts } from '../auth/people/accounts.ts';
import { createCredentials } from '../auth/people/credentials.ts';
import { createPasswords } from '../auth/people/passwords.ts';
import { createSealing } from '../auth/people/sealing.ts';
import type { Clock } from '../base/clock.ts';
import { ok, type Result } from '../base/errors.ts';
import { canonicalBase } from '../fhir/shared-plan.ts';
import type { Resource } from '../fhir/types.ts';
import type { Store } from '../store/types.ts';

interface DemoPerson {
  username: string;
  who: string;
  links: readonly string[];
}

const twins = ['juniper-fennimore', 'rowan-fennimore'] as const;
/** Whose mothers may sign in. */
const children = [...twins, 'inez-solorio-vale', 'odell-brightwater'] as const;

const people: readonly DemoPerson[] = [
  {
    username: 'demo-clinician',
    who: 'a pediatrician; sets up a second factor at the first sign-in',
    links: ['Practitioner/imogen-bellwether'],
  },
  {
    username: 'demo-guardian',
    who: 'the mother of the Fennimore twins',
    links: twins.map((child) => `RelatedPerson/${child}-mother`),
  },
  {
    username: 'demo-coordinator',
    who: 'a care coordinator; sets up a second factor at the first sign-in',
    links: ['Practitioner/delphine-rook'],
  },
  {
    username: 'demo-madre',
    who: 'the mother of Inez Solorio Vale; her page is in Spanish',
    links: ['RelatedPerson/inez-solorio-vale-mother'],
  },
  {
    username: 'demo-caregiver',
    who: 'the mother of Odell Brightwater, who has an emergency plan',
    links: ['RelatedPerson/odell-brightwater-mother'],
  },
  { username: 'demo-teen', who: 'Wren Castellane, sixteen', links: ['Patient/wren-castellane'] },
];

/** Makes the demo's accounts, and writes who they are with passwords drawn now into a file of the data folder; answers the file's path. */
export async function addDemoAccounts(parts: { store: Store; clock: Clock; dataDir: string }): Promise<Result<string>> {
  const { store, clock, dataDir } = parts;
  const proxies = await store.transact({ kind: 'system', id: 'demo', requestId: 'demo' }, async (tx) => {
    await tx.hold(children.map((child) => ({ type: 'Consent', id: proxyId(child) })));
    for (const child of children) {
      const written = await tx.update(proxyConsent(child));
      if (!written.ok) return written;
    }
    return ok(undefined);
  });
  if (!proxies.ok) return proxies;
  const accounts = createAccounts({ sql: store, clock });
  const credentials = createCredentials({ sql: store, clock, sealing: createSealing(store) });
  const passwords = createPasswords();
  const lines: string[] = [];
  for (const { username, who, links } of people) {
    const before = await accounts.named(username);
    const account = before ? ok(before) : await accounts.add({ username, fhirUsers: links, demo: true });
    if (!account.ok) return account;
    const password = newPassword();
    const hash = await passwords.hash(password);
    if (!hash.ok) return hash;
    await credentials.setPassword(account.value.id, hash.value);
    lines.push(`${username}\t${password}\t${who}`);
  }
  const file = join(dataDir, 'demo-accounts.txt');
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  // Also when the file was there before, with other rights.
  chmodSync(file, 0o600);
  return ok(file);
}

/** Four groups of four letters: 75 bits, and easy to type. */
function newPassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz';
  const group = () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('');
  return [group(), group(), group(), group()].join('-');
}

function proxyId(child: string): string {
  return `${child}-mother-proxy`;
}

/** Kinship opens nothing: the mother's right is a Consent (docs/decisions/privacy.md). */
export function proxyConsent(child: string): Resource {
  const concept = (system: string, code: string) => ({ coding: [{ system, code }] });
  const role = concept('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'IRCP');
  return {
    resourceType: 'Consent',
    id: proxyId(child),
    status: 'active',
    scope: concept('http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy'),
    category: [concept(`${canonicalBase}/CodeSystem/proxy-basis`, 'parent')],
    patient: { reference: `Patient/${child}` },
    dateTime: '2026-09-10',
    policyRule: concept('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'OPTIN'),
    verification: [{ verified: true, verificationDate: '2026-09-10' }],
    provision: { type: 'permit', actor: [{ role, reference: { reference: `RelatedPerson/${child}-mother` } }] },
  };
}
