/**
 * `npm run bench -- <name> [--json] [options]`: measures this machine, never judges it. With --json one JSON object is printed, else
 * tables and values. Progress goes to standard error.
 */
import os from 'node:os';
import { parseArgs } from 'node:util';
import { benchAccess } from './access.ts';
import { benchCare } from './care.ts';
import { benchFhir } from './fhir.ts';
import { benchMeasures } from './measures.ts';
import { benchScale } from './scale.ts';
import { benchStart } from './start.ts';
import { printed } from './table.ts';
import { benchWrites } from './writes.ts';

interface Options {
  /** A folder of transaction bundles (start). */
  children?: string;
  /** How long each load is measured (fhir, scale, access, care). */
  seconds?: string;
  /** Concurrencies, separated by commas (fhir, access, care). */
  concurrency?: string;
  /** How often all loads are measured, the best of each counting (fhir). */
  rounds?: string;
  /** How many resources are built (scale). */
  resources?: string;
  /** A data directory to build in and keep (scale). */
  dir?: string;
  /** How many children are evaluated one after the other (measures). */
  population?: string;
}

const benches: Record<string, (options: Options) => Promise<Record<string, unknown>>> = {
  start: benchStart,
  fhir: benchFhir,
  scale: benchScale,
  writes: benchWrites,
  access: benchAccess,
  care: benchCare,
  measures: benchMeasures,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    children: { type: 'string' },
    seconds: { type: 'string' },
    concurrency: { type: 'string' },
    rounds: { type: 'string' },
    resources: { type: 'string' },
    dir: { type: 'string' },
    population: { type: 'string' },
  },
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
  loadBefore: Number(os.loadavg()[0]?.toFixed(2)),
};
const result = { bench: name, at: new Date().toISOString(), machine, ...(await bench(values)) };
process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : printed(result));
