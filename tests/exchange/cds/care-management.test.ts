import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../src/base/clock.ts';
import { careManagementCard, careManagementService } from '../../../src/exchange/cds/care-management-service.ts';
import { createExchange } from '../../../src/exchange/exchange.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { openPrograms, type Programs } from '../../care/program/town.ts';

let at: Programs;
beforeAll(async () => {
  at = await openPrograms();
});
afterAll(() => at.close());

const service = careManagementService('https://care.example');
const cards = async (patientId: string, shown?: (resources: readonly Resource[]) => Promise<Resource[]>) => {
  const found = await service.cards({ patientId, store: at.store, ...(shown && { shown }) });
  return found.ok ? found.value : [];
};

describe('careweave-care-management', () => {
  test('S4.12 no card without a program, and one with the manager’s name and phone as long as there is one', async () => {
    const child = await at.child();
    expect(await cards(child)).toEqual([]);
    const { json } = await at.post(`Patient/${child}/$enroll`, {
      program: 'HealthcareService/vendor',
      status: 'active',
      careManager: 'PractitionerRole/vera-vendor',
      consent: `Consent/yes-${child}`,
    });
    const [card] = await cards(child);
    expect(card?.summary).toMatch(/^In care management: Vera Quill, \+1-555-/);
    expect(card?.detail).toMatch(/Program vendor.*since 2026-05-01.*Vera Quill \(leads the care team\)/);
    expect(await cards(child)).toEqual([card]);
    await at.post(`EpisodeOfCare/${json.id}/$move-enrollment`, { status: 'onhold', reason: 'away' });
    expect((await cards(child))[0]?.detail).toMatch(/on hold/);
    await at.post(`EpisodeOfCare/${json.id}/$move-enrollment`, { status: 'finished', reason: 'graduated' });
    expect(await cards(child)).toEqual([]);
  });

  test('S4.12 what the reader may not see is not told', async () => {
    const child = await at.child();
    await at.post(`Patient/${child}/$enroll`, {
      program: 'HealthcareService/regional',
      status: 'active',
      careManager: 'PractitionerRole/gus-regional',
      consent: `Consent/yes-${child}`,
    });
    expect(
      await cards(child, async (all) => all.filter(({ resourceType }) => resourceType !== 'EpisodeOfCare')),
    ).toEqual([]);
    const [card] = await cards(child, async (all) =>
      all.filter(({ resourceType }) => !resourceType.startsWith('Practitioner')),
    );
    expect(card?.summary).toBe('In care management');
  });

  test('S4.12 a name that is markdown is shown as it is written, and the summary stays short', () => {
    const one = { episodeId: 'e', onHold: false, leads: false, manager: `[x](http://evil) ${'long '.repeat(60)}` };
    const card = careManagementCard([one, one], 'https://care.example');
    expect(card.summary.length).toBeLessThan(140);
    expect(card.summary).toMatch(/^In care management \(2 programs\)/);
    expect(card.detail).not.toMatch(/\]\(/);
  });
});

test('the service is offered beside the plan’s', () => {
  const { module } = createExchange({ clock: systemClock, publicUrl: 'https://care.example' });
  expect(module.hooks?.map(({ id }) => id)).toEqual(['careweave-shared-plan', 'careweave-care-management']);
});
