/**
 * `npm run bench -- <name> [--json] [options]`: measures this machine, never judges it. With --json one JSON object is printed, else a
 * table of names and values. Progress goes to standard error.
 */
import os from 'node:os';
import { parseArgs } from 'node:util';
import { benchStart } from './start.ts';
import { benchWrites } from './writes.ts';

const benches: Record<string, (options: { children?: string }) => Promise<Record<string, unknown>>> = {
  start: benchStart,
  writes: benchWrites,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, children: { type: 'string' } },
});
const [name = ''] = positionals;
const bench = benches[name];
if (!bench) {
  process.stderr.write(`There is no benchmark of this name. Benchmarks: ${Object.keys(benches).join(', ')}.\n`);
  process.exit(1);
}
const machine = {
  cpus: os.cpus().length,
  cpu: os.cpus()[0]?.model,
  memoryGb: Math.round(os.totalmem() / 2 ** 30),
  node: process.version,
};
const result = { bench: name, at: new Date().toISOString(), machine, ...(await bench(values)) };
if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
else for (const [key, value] of Object.entries(result)) process.stdout.write(`${key}: ${JSON.stringify(value)}\n`);
