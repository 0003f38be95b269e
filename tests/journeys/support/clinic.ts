import { readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import type { Locator } from 'playwright-core';
import { demoTown } from '../../../fixtures/town/index.ts';
import { parseJson } from '../../../src/fhir/json.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { listenSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts';
import { hospitalRecord, type TestHouse } from '../../support/house.ts';

/** Demo hospitals with these children's records and a chart each, which show Careweave's cards and launch its page. */
export function startHospitals(
  house: TestHouse,
  children: Partial<Record<'lakeside' | 'summit', readonly string[]>>,
): Promise<Sandbox & { url: string }> {
  const hospitals = (['lakeside', 'summit'] as const).flatMap((id) => {
    const bundles = (children[id] ?? []).map((child) => parseJson(hospitalRecord(id, child)) as Resource);
    return bundles.length === 0 ? [] : [{ id, bundles }];
  });
  return listenSandbox({
    port: 0,
    hospitals,
    clients: [
      {
        id: 'careweave',
        name: 'Careweave',
        jwks: { url: `${house.url}/.well-known/jwks.json` },
        scopes: 'system/*.cruds user/*.rs patient/*.rs launch openid fhirUser',
        launchUrl: `${house.url}/launch`,
        redirectUris: [`${house.url}/launch/callback`],
      },
    ],
    cdsServices: ['careweave-care-management', 'careweave-shared-plan'].map((id) => `${house.url}/cds-services/${id}`),
  });
}

/** What Careweave itself knows of these children of the demo town. */
export async function loadTown(house: TestHouse, slugs: readonly string[]): Promise<void> {
  const town = demoTown();
  const bundles = town.children.filter(({ slug }) => slugs.includes(slug)).map(({ bundle }) => bundle);
  for (const path of [town.organizations, ...bundles]) {
    const loaded = await house.fhir('POST', '', readFileSync(path, 'utf8'));
    expect(loaded.status).toBe(200);
  }
}

/** Registers each hospital as a site and brings what it knows. */
export async function syncHospitals(house: TestHouse, sandbox: Sandbox): Promise<void> {
  const names = { lakeside: 'Lakeside Children’s Hospital', summit: 'Summit Regional Hospital' };
  for (const { id, base } of sandbox.hospitals) {
    const options = ['--id', id, '--name', names[id as keyof typeof names], '--base-url', base];
    await house.command('site', 'add', ...options, '--client-id', 'careweave', '--launch-client-id', 'careweave');
    await house.command('sync', 'run', id);
  }
}

/** As it is laid out, because a missing space or separator between two values is a fault. */
export function textOf(locator: Locator): Promise<string> {
  // biome-ignore lint/performance/useDomNodeTextContent: the rendered text is what is tested
  return locator.innerText();
}
