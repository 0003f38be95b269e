import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openPrivacyHouse, type PrivacyHouse, personaNames } from '../support/privacy-house.ts';
import { personaOf } from './persona.ts';
import { judgeViewer, newLedger, reachOf } from './run.ts';

/** The instant at which records are written; each moment then has its own. */
export const writtenAt = '2026-11-23T12:00:00-05:00';

/**
 * Viewer × path × record over every third persona. Who is to see what comes from `fixtures/privacy`, what there is to be found on each
 * path from a client that sees everything. The report of the same run: `node scripts/privacy-matrix.ts --out <file>`.
 */
export function describeMatrix(part: 0 | 1 | 2): void {
  const names = personaNames().filter((_name, at) => at % 3 === part);
  const ledger = newLedger();
  let house: PrivacyHouse;

  describe('the privacy matrix', () => {
    beforeAll(async () => {
      house = await openPrivacyHouse(writtenAt);
      // All of them: a viewer must not come upon a stranger's child either.
      await house.load(...personaNames());
    }, 120_000);
    afterAll(() => house.shut());

    for (const name of names) {
      test(`PP-40 PP-41 PP-42 PP-43 PP-45 ${name}: on every path each viewer finds what is to be seen and nothing else`, async () => {
        const persona = personaOf(name);
        const [wrong, faults] = [ledger.wrong.length, ledger.faults.length];
        house.at(writtenAt);
        const reach = await reachOf(house, persona);
        for (const moment of persona.moments) {
          house.at(moment.at);
          for (const { fhirUser } of moment.viewers)
            await judgeViewer({ house, persona, moment, viewer: fhirUser, reach, ledger });
        }
        expect(ledger.wrong.slice(wrong)).toEqual([]);
        expect(ledger.faults.slice(faults)).toEqual([]);
      }, 300_000);
    }

    test('a third of the matrix has thousands of combinations, over all paths', () => {
      expect(ledger.combinations).toBeGreaterThanOrEqual(5000);
      expect(ledger.byPath.size).toBeGreaterThanOrEqual(25);
    });
  });
}
