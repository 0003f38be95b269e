import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ok } from '../../../src/base/errors.ts';
import { parseSearch } from '../../../src/fhir/search/parse.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { isSubject } from '../../../src/store/search/patient-scope.ts';
import { seesAll, type Visibility } from '../../../src/store/types.ts';
import { createTestStore, type TestStore, testActor } from '../../support/database.ts';

let home: TestStore;
const ann = { reference: 'Patient/ann' };
const ben = { reference: 'Patient/ben' };
const weight = { coding: [{ system: 'http://loinc.org', code: '29463-7' }] };
const observation = (id: string, more: object): Resource => {
  return { resourceType: 'Observation', id, status: 'final', code: weight, ...more };
};
const resources: Resource[] = [
  { resourceType: 'Patient', id: 'ann' },
  { resourceType: 'Patient', id: 'ben' },
  observation('of-ann', { subject: ann }),
  // What a twin said of the other: in both compartments, and about one.
  observation('of-ann-by-ben', { performer: [ben], subject: ann }),
  // About nobody: in the compartments of both who took part.
  observation('by-both', { performer: [ann, ben] }),
  { resourceType: 'Account', id: 'of-both', status: 'active', subject: [ann, ben] },
  {
    resourceType: 'Appointment',
    id: 'of-both',
    status: 'proposed',
    participant: [
      { actor: ann, status: 'accepted' },
      { actor: ben, status: 'accepted' },
    ],
  },
  {
    resourceType: 'AppointmentResponse',
    id: 'of-ben',
    appointment: { reference: 'Appointment/of-both' },
    actor: ben,
    participantStatus: 'accepted',
  },
];

beforeAll(async () => {
  home = await createTestStore();
  const written = await home.store.transact(testActor, async (tx) => {
    for (const resource of resources) {
      const answer = await tx.update(resource);
      if (!answer.ok) return answer;
    }
    return ok(undefined);
  });
  expect(written.ok).toBe(true);
});
afterAll(() => home.drop());

async function idsOf(type: string, param: string, visibility: Visibility = seesAll): Promise<string[]> {
  const parsed = parseSearch(home.definitions, type, [[param, 'Patient/ben']], { handling: 'strict', baseUrl: '' });
  if (!parsed.ok) throw new Error('the search is not understood');
  const found = await home.store.search(parsed.value.query, visibility);
  if (!found.ok) throw new Error('the search is refused');
  return found.value.matches.map(({ type: of, id, deleted }) => `${of}/${id}${deleted ? ' deleted' : ''}`);
}

const bens: Visibility = { kind: 'limited', grants: [{ types: 'any', patients: ['ben'] }] };

describe('the one element that says whom a record is about', () => {
  test('is never a list, and never lies deeper in the record', () => {
    const { definitions } = home;
    let some = 0;
    for (const type of definitions.types) {
      for (const param of definitions.searchParams(type).values()) {
        if (param.kind !== 'reference' || !isSubject(definitions, type, param)) continue;
        some += 1;
        const [step = ''] = (param.paths ?? []).flatMap(({ steps }) => steps);
        const field = definitions.schema().resource(type)?.fields.get(String(step));
        expect([type, param.code, field?.isList]).toEqual([type, param.code, false]);
      }
    }
    expect(some).toBeGreaterThan(50);
  });

  test('is not what says who took part in it, or lists several', () => {
    const { definitions } = home;
    const others: [string, string][] = [
      ['Observation', 'performer'],
      ['Account', 'subject'],
      ['Account', 'patient'],
      ['Contract', 'subject'],
      ['Schedule', 'actor'],
      ['Appointment', 'patient'],
      ['Provenance', 'patient'],
      ['Provenance', 'target'],
      ['Group', 'member'],
      ['Person', 'patient'],
    ];
    for (const [type, code] of others) {
      const param = definitions.searchParams(type).get(code);
      expect([type, code, param && isSubject(definitions, type, param)]).toEqual([type, code, false]);
    }
  });
});

describe('records of a patient who is not the first that they name', () => {
  test.each([
    ['Observation', 'patient', []],
    ['Observation', 'subject', []],
    ['Observation', 'performer', ['Observation/of-ann-by-ben', 'Observation/by-both']],
    ['Account', 'subject', ['Account/of-both']],
    ['Account', 'patient', ['Account/of-both']],
    ['Appointment', 'patient', ['Appointment/of-both']],
    ['AppointmentResponse', 'patient', ['AppointmentResponse/of-ben']],
  ] as const)('%s by %s', async (type, param, expected) => {
    expect(await idsOf(type, param)).toEqual(expected);
    // A reader of one patient finds what is about that patient.
    const about = param === 'performer' ? ['Observation/by-both'] : expected;
    expect(await idsOf(type, param, bens)).toEqual(about);
  });
});
