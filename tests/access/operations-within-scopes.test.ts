import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { backendToken } from '../../scripts/bench/backend-token.ts';
import { openPrivacyHouse, type PrivacyHouse } from './support/privacy-house.ts';

/** TH-29: every operation that the capability statement lists, those of tomorrow too, asked by who may not. */
let house: PrivacyHouse;
let stranger: string;
interface Place {
  path: string;
  name: string;
}
let places: Place[];
const anotherFather = 'RelatedPerson/pv-turning-twelve-father';
const child = 'pv-confidential-visit';
/** Of every type, and about what is sent, or what may be seen: nothing of anybody's without a scope. Asked of a few types. */
const general = ['validate', 'meta', 'meta-add', 'meta-delete', 'versions', 'labels', 'release'];
const fewTypes = ['Patient', 'Observation', 'Goal', 'Consent'];

beforeAll(async () => {
  house = await openPrivacyHouse(new Date().toISOString());
  await house.load('confidential-visit', 'turning-twelve');
  const client = await house.command('client', 'add', '--name', 'narrow', '--scopes', 'system/Basic.rs');
  stranger = await backendToken(house.url, client, 'system/Basic.rs');
  const { json } = await house.as('system', 'GET', '/metadata');
  const [rest] = json.rest;
  const ofSystem: Place[] = (rest.operation ?? []).map(({ name }: any) => ({ name, path: `/$${name}` }));
  const ofTypes: Place[][] = await Promise.all(
    rest.resource
      .filter(({ operation }: any) => operation?.length > 0)
      .map(async ({ type, operation }: any) => {
        const isAsked = fewTypes.includes(type) || operation.some(({ name }: any) => !general.includes(name));
        const found = isAsked ? await house.as('system', 'GET', `/${type}?_count=50`) : { json: {} };
        const ids = (found.json.entry ?? []).map(({ resource }: any) => resource.id);
        const id = ids.find((one: string) => one.startsWith(child)) ?? ids[0] ?? 'none';
        return operation
          .filter(({ name }: any) => !general.includes(name) || fewTypes.includes(type))
          .flatMap(({ name }: any) => [
            { name, path: `/${type}/$${name}` },
            { name, path: `/${type}/${id}/$${name}` },
          ]);
      }),
  );
  places = [...ofSystem, ...ofTypes.flat()];
}, 120_000);
afterAll(() => house.shut());

async function askAll(who: string): Promise<{ asked: string; name: string; status: number; text: string }[]> {
  const all = [];
  for (const { path, name } of places)
    for (const method of ['GET', 'POST']) {
      const body = method === 'POST' ? { resourceType: 'Parameters' } : undefined;
      const { status, text } = await house.as(who, method, path, body);
      all.push({ asked: `${method} ${path}`, name, status, text });
    }
  return all;
}

describe('every operation', () => {
  test('TH-29 without a scope for what it touches answers that alone, whatever there is', async () => {
    const answers = await askAll(stranger);
    expect(answers.length).toBeGreaterThan(100);
    const others = answers.filter(({ name, status }) => ![403, 404, 405].includes(status) && !general.includes(name));
    const telling = answers.filter(({ text }) => /pv-|ADOL|family-shared/.test(text));
    expect(telling.map(({ asked }) => asked)).toEqual([]);
    expect(others.map(({ asked, status }) => `${status} ${asked}`)).toEqual([]);
  }, 120_000);

  test('TH-29 asked by a parent of another child, it tells nothing of this one', async () => {
    const answers = await askAll(anotherFather);
    const telling = answers.filter(({ text }) => text.includes(child));
    expect(telling.map(({ asked, status }) => `${status} ${asked}`)).toEqual([]);
  }, 120_000);
});
