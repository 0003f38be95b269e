import { createAudit } from '../../../src/access/audit/audit.ts';
import type { AuditEntry } from '../../../src/access/audit/entry.ts';
import { createSealer } from '../../../src/access/audit/seal.ts';
import { createTrail } from '../../../src/access/audit/trail.ts';
import { createExtractor } from '../../../src/fhir/search/extract.ts';
import { createStore } from '../../../src/store/store.ts';
import { createTestStore } from '../../support/database.ts';

/** A store whose transactions leave entries, with the trail and the sealer over it. */
export async function openTrail(now: { at: Date } = { at: new Date() }) {
  const test = await createTestStore();
  const clock = { now: () => now.at };
  const extract = createExtractor(test.definitions);
  const audit = createAudit({ definitions: test.definitions, baseUrl: 'http://localhost/fhir', clock });
  const { checks, conclusions } = audit;
  const parts = { definitions: test.definitions, extract, checks, effects: [], conclusions, clock, log: test.log };
  const store = createStore({ pool: test.pool, ...parts });
  const trail = createTrail({ sql: store, clock, log: test.log, reads: 'durable' });
  const sealer = createSealer({ store, clock, log: test.log });
  return { ...test, store, clock, audit, trail, sealer };
}

export type TestTrail = Awaited<ReturnType<typeof openTrail>>;

/** Something that somebody did. */
export function entry(more: Partial<AuditEntry> = {}): AuditEntry {
  return { act: 'read', outcome: 'success', who: { client: 'app' }, ...more };
}
