/**
 * `npm run privacy-matrix [-- --out <file>]`: asks a server of its own every combination of viewer, path and record of the personas in
 * fixtures/privacy, and writes what it found as Markdown that a privacy officer can read. Ends with 1 when anything was wrong.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { personaOf } from '../tests/access/matrix/persona.ts';
import { reportOf } from '../tests/access/matrix/report.ts';
import { judgeViewer, newLedger, reachOf } from '../tests/access/matrix/run.ts';
import { openPrivacyHouse, personaNames } from '../tests/access/support/privacy-house.ts';
import setUp from '../tests/support/global-setup.ts';
import tearDown from '../tests/support/global-teardown.ts';

const { values } = parseArgs({ options: { out: { type: 'string' } } });
const writtenAt = '2026-11-23T12:00:00-05:00';

await setUp();
const ledger = newLedger();
const personas = personaNames().map(personaOf);
try {
  const house = await openPrivacyHouse(writtenAt);
  await house.load(...personas.map(({ name }) => name));
  for (const persona of personas) {
    house.at(writtenAt);
    const reach = await reachOf(house, persona);
    for (const moment of persona.moments) {
      house.at(moment.at);
      for (const { fhirUser: viewer } of moment.viewers)
        await judgeViewer({ house, persona, moment, viewer, reach, ledger });
    }
    process.stderr.write(`${persona.name}: ${ledger.combinations} combinations, ${ledger.wrong.length} wrong\n`);
  }
  await house.shut();
} finally {
  await tearDown();
}
const report = reportOf(personas, ledger, new Date().toISOString().slice(0, 10));
if (values.out === undefined) process.stdout.write(report);
else writeFileSync(values.out, report);
process.exitCode = ledger.wrong.length + ledger.faults.length > 0 ? 1 : 0;
