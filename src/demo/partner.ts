import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { fail, ok, type Result } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { parseJson } from '../fhir/json.ts';
import { isOfType } from '../fhir/of-type.ts';
import { canonicalBase } from '../fhir/shared-plan.ts';
import type { Resource, r4 } from '../fhir/types.ts';
import type { Command, CommandInput } from '../module.ts';
import type { Store, Tx } from '../store/types.ts';
import { proxyConsent } from './accounts.ts';

const dayMs = 24 * 3_600_000;
const bank = 'full-basket-food-bank';
const home = 'alder-falls-coordination';
/** Families whom the food bank helps, and who let it be told. */
const families = ['pilar-greenacre', 'gideon-applewhite'] as const;
const scopes = 'system/Task.rus system/ServiceRequest.rs system/Patient.r system/Organization.r';

interface Parts {
  store: Store;
  clock: Clock;
  log: Logger;
  dataDir: string;
  commands: readonly Command[];
}

/**
 * Makes the town's food bank a community partner: an agreement, two families' leave, a system of its own that speaks Gravity, and a referral that is under
 * way with a day for the first delivery. Answers the file with its client and key, for whoever wants to try the other side (docs/referrals.md).
 */
export async function addDemoPartner(parts: Parts): Promise<Result<string>> {
  const { store, clock } = parts;
  const written = await store.transact({ kind: 'system', id: 'demo', requestId: 'demo' }, (tx) =>
    write(tx, clock.now()),
  );
  if (!written.ok) return written;
  const printed = await run(parts, 'client add', {}, { name: 'Full Basket Food Bank', scopes });
  if (!printed.ok) return printed;
  const { client_id: client } = Object(parseJson(printed.value)) as { client_id: string };
  const organization = `Organization/${bank}`;
  const bound = await run(parts, 'partner client add', { client, organization });
  if (!bound.ok) return bound;
  const lists = { 'acts-for': [organization] };
  const speaks = await run(parts, 'referral partner set', { client }, { dialect: 'gravity' }, lists);
  if (!speaks.ok) return speaks;
  const file = join(parts.dataDir, 'demo-partner.json');
  writeFileSync(file, `${printed.value}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
  return ok(file);
}

async function write(tx: Tx, now: Date): Promise<Result<void>> {
  const stored = await tx.read('Organization', bank);
  const organization = stored && !stored.deleted ? (parseJson(stored.json) as Resource) : undefined;
  if (!isOfType(organization, 'Organization')) return fail('not-found', 'The town has no food bank.');
  const kind = concept(`${canonicalBase}/CodeSystem/partner-kind`, 'community-organization');
  const partner = { ...organization, type: [...(organization.type ?? []), kind] };
  const referral = await referralUnderWay(tx, now);
  // Leave is given by somebody who decides for the child.
  const leaves = families.flatMap((child) => [proxyConsent(child), leave(child, now)]);
  const all = [partner, agreement(now), ...leaves, ...referral];
  for (const resource of all) {
    const done = await tx.update({ ...resource });
    if (!done.ok) return done;
  }
  return ok(undefined);
}

/** Pilar's groceries: the first delivery has a day, so somebody asks when it is over. */
async function referralUnderWay(tx: Tx, now: Date): Promise<Resource[]> {
  const stored = await tx.read('Task', 'pilar-greenacre-referral-food');
  const task = stored && !stored.deleted ? (parseJson(stored.json) as Resource) : undefined;
  if (!isOfType(task, 'Task') || task.status !== 'accepted') return [];
  const start = new Date(now.getTime() + 3 * dayMs).toISOString().slice(0, 10);
  const scheduled = { system: 'http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS', code: '5.1.1' };
  return [
    {
      ...task,
      status: 'in-progress',
      businessStatus: { coding: [scheduled], text: 'First delivery planned' },
      executionPeriod: { start },
    },
  ];
}

const concept = (system: string, code: string) => ({ coding: [{ system, code }] });
const terminology = 'http://terminology.hl7.org/CodeSystem';

function agreement(now: Date): Resource {
  const signer = (id: string): r4.ContractSigner => ({
    type: { system: `${terminology}/contractsignertypecodes`, code: 'COVPTY' },
    party: { reference: `Organization/${id}` },
    signature: [
      {
        type: [{ system: 'urn:iso-astm:E1762-95:2013', code: '1.2.840.10065.1.12.1.1' }],
        when: new Date(now.getTime() - 30 * dayMs).toISOString(),
        who: { reference: `Organization/${id}` },
      },
    ],
  });
  return {
    resourceType: 'Contract',
    id: `${bank}-agreement`,
    status: 'executed',
    type: concept(`${canonicalBase}/CodeSystem/agreement`, 'data-sharing'),
    applies: { start: day(now, -30), end: day(now, 700) },
    signer: [signer(home), signer(bank)],
  };
}

/** What the family said when it was asked ($share): its name, where groceries are brought, and what was asked for. */
function leave(child: string, now: Date): Resource {
  return {
    resourceType: 'Consent',
    id: `${child}-leave-food-bank`,
    extension: [{ url: `${canonicalBase}/StructureDefinition/redisclosure-warned`, valueBoolean: true }],
    status: 'active',
    scope: concept(`${terminology}/consentscope`, 'patient-privacy'),
    category: [concept(`${terminology}/v3-ActCode`, 'IDSCL')],
    patient: { reference: `Patient/${child}` },
    dateTime: day(now, -20),
    performer: [{ reference: `RelatedPerson/${child}-mother` }],
    organization: [{ reference: `Organization/${home}` }],
    policyRule: concept(`${terminology}/v3-ActCode`, 'OPTIN'),
    provision: {
      type: 'permit',
      period: { start: day(now, -20), end: day(now, 340) },
      actor: [
        {
          role: concept(`${terminology}/v3-ParticipationType`, 'IRCP'),
          reference: { reference: `Organization/${bank}` },
        },
      ],
      purpose: [{ system: `${terminology}/v3-ActReason`, code: 'TREAT' }],
      class: ['Patient', 'Task', 'ServiceRequest'].map((code) => ({
        system: 'http://hl7.org/fhir/resource-types',
        code,
      })),
    },
  };
}

const day = (now: Date, days: number) => new Date(now.getTime() + days * dayMs).toISOString().slice(0, 10);

/** One command of the command line, as an operator would give it; answers what it printed. */
async function run(
  { store, clock, log, commands }: Parts,
  name: string,
  given: Readonly<Record<string, string>>,
  texts: Readonly<Record<string, string>> = {},
  lists: Readonly<Record<string, string[]>> = {},
): Promise<Result<string>> {
  const command = commands.find((one) => one.name === name);
  if (!command) return fail('internal', 'A command of the house is missing.');
  const lines: string[] = [];
  const input: CommandInput = {
    ...{ arguments: given, store, clock, log },
    text: (option) => texts[option],
    flag: () => false,
    list: (option) => lists[option] ?? [],
    print: (line) => lines.push(line),
    progress: () => {},
  };
  const done = await command.run(input);
  return done.ok ? ok(lines.join('\n')) : done;
}
