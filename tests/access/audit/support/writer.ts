import path from 'node:path';
import { createAudit } from '../../../../src/access/audit/audit.ts';
import { createSealer } from '../../../../src/access/audit/seal.ts';
import { createTrail } from '../../../../src/access/audit/trail.ts';
import { systemClock as clock } from '../../../../src/base/clock.ts';
import { createLogger } from '../../../../src/base/log.ts';
import { loadDefinitions } from '../../../../src/fhir/definitions.ts';
import { createExtractor } from '../../../../src/fhir/search/extract.ts';
import { openDatabase } from '../../../../src/store/database.ts';
import { migrate } from '../../../../src/store/migrate.ts';
import { createStore } from '../../../../src/store/store.ts';

/** Writes patients, records reads and seals, until it is killed; prints what it had answered. `argv`: data directory, prefix of ids. */
const [dataDir = '', prefix = ''] = process.argv.slice(2);
const log = createLogger('silent');
const definitions = loadDefinitions(path.join(import.meta.dirname, '../../../../build/fhir'));
const database = await openDatabase({ dataDir, log });
if (!database.ok) throw new Error(database.error.issues[0]?.text);
const { pool } = database.value;
const migrated = await migrate(pool);
if (!migrated.ok) throw new Error(migrated.error.issues[0]?.text);
const extract = createExtractor(definitions);
const { checks, conclusions } = createAudit({ definitions, baseUrl: 'http://localhost/fhir', clock });
const store = createStore({ pool, definitions, extract, checks, effects: [], conclusions, clock, log });
const trail = createTrail({ sql: store, clock, log, reads: 'durable' });
const sealer = createSealer({ store, clock, log });
const tell = (line: string) => process.stdout.write(`${line}\n`);

async function work(writer: number): Promise<void> {
  for (let n = 0; ; n++) {
    const id = `${prefix}-${writer}-${n}`;
    const actor = { kind: 'client', id: 'writer', requestId: id } as const;
    const written = await store.transact(actor, (tx) => tx.update({ resourceType: 'Patient', id }));
    if (written.ok) tell(`wrote ${id}`);
    const read = await trail.record({
      act: 'read',
      outcome: 'success',
      who: {},
      requestId: `read-${id}`,
      touched: [`Patient/${id}`],
    });
    if (read.ok) tell(`read ${id}`);
    if (writer === 0 && n % 5 === 4) await sealer.seal();
  }
}

await Promise.all([0, 1, 2, 3].map(work));
