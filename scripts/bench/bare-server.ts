/**
 * The machine's bare limit: express, and one prepared statement a request, over the same PostgreSQL as the server that is measured.
 * `GET /read/:type/:id` selects a stored resource by its key, `POST /insert` writes one row, durably. No tokens, no checks.
 * Started with the data directory and a port as arguments.
 */
import express from 'express';
import pg from 'pg';
import { limits } from '../../src/base/limits.ts';
import { connectOrStart } from '../../src/store/embedded/embedded.ts';

const [dataDir = '', port = '0'] = process.argv.slice(2);
const database = await connectOrStart(dataDir);
if (!database.ok) throw new Error('the database of the data directory is not running');
const pool = new pg.Pool({ ...database.value.connection, database: 'postgres', max: limits.database.poolSize });
await pool.query(
  'CREATE TABLE IF NOT EXISTS bench_row (key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, content text)',
);

const app = express();
app.disable('x-powered-by').set('etag', false);
app.get('/read/:type/:id', async (request, response) => {
  const { type, id } = request.params;
  const text = 'SELECT content FROM resource WHERE type = $1 AND id = $2';
  const { rows } = await pool.query<{ content: string }>({ name: 'read', text, values: [type, id] });
  response.type('application/fhir+json').send(rows[0]?.content);
});
app.post('/insert', express.text({ type: () => true }), async (request, response) => {
  const text = 'INSERT INTO bench_row (content) VALUES ($1)';
  await pool.query({ name: 'insert', text, values: [request.body] });
  response.status(201).end();
});
app.listen(Number(port), '127.0.0.1', () => process.stdout.write('bare server ready\n'));
process.on('SIGTERM', () => process.exit(0));
