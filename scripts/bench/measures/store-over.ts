import { join } from 'node:path';
import pg from 'pg';
import { createLogger } from '../../../src/base/log.ts';
import { loadDefinitions } from '../../../src/fhir/definitions.ts';
import { createExtractor } from '../../../src/fhir/search/extract.ts';
import { connectOrStart } from '../../../src/store/embedded/embedded.ts';
import { createStore } from '../../../src/store/store.ts';
import type { Store } from '../../../src/store/types.ts';
import { clock } from './ready.ts';

/** A store of this process over the database of a running server: what it costs is counted apart from the server. */
export function storeOver(pool: pg.Pool): Store {
  const definitions = loadDefinitions(join(import.meta.dirname, '..', '..', '..', 'build', 'fhir'));
  const extract = createExtractor(definitions, {});
  const log = createLogger('silent');
  return createStore({ pool, definitions, extract, checks: [], effects: [], conclusions: [], clock, log });
}

/** Connections to the database of a server that is running. */
export async function poolOf(dataDir: string): Promise<pg.Pool> {
  const database = await connectOrStart(dataDir);
  if (!database.ok) throw new Error('the database of the server is not running');
  return new pg.Pool({ ...database.value.connection, database: 'postgres', max: 4 });
}
