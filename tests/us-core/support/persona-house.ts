import { readFileSync } from 'node:fs';
import { demoTown } from '../../../fixtures/town/index.ts';
import { openTestHouse, type TestHouse } from '../../support/house.ts';

/** A whole house with the persona in it, and two children of the town beside her: what is about them must not be found for her. */
export async function openPersonaHouse(): Promise<TestHouse> {
  const house = await openTestHouse();
  const town = demoTown();
  const others = town.children.slice(0, 2).map(({ bundle }) => bundle);
  for (const path of [town.organizations, ...others, town.persona]) {
    const loaded = await house.fhir('POST', '/', readFileSync(path, 'utf8'));
    if (loaded.status !== 200) throw new Error(`${path}: ${loaded.text}`);
  }
  return house;
}

/** The persona's resources by type, as the server holds them. */
export async function personaResources(house: TestHouse): Promise<Map<string, any[]>> {
  const { entry }: { entry: { request: { url: string } }[] } = JSON.parse(readFileSync(demoTown().persona, 'utf8'));
  const byType = new Map<string, any[]>();
  for (const { request } of entry) {
    const { json } = await house.fhir('GET', `/${request.url}`);
    byType.set(json.resourceType, [...(byType.get(json.resourceType) ?? []), json]);
  }
  return byType;
}
