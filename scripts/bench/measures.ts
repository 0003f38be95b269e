import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { generateChild, vaccineChild } from './measures/child.ts';
import { codeListsOf } from './measures/code-lists.ts';
import { engineSpeed, oneChild, processorMicros, round } from './measures/engine-speed.ts';
import { readyMeasures } from './measures/ready.ts';
import { againstReference } from './measures/reference.ts';
import { streamPopulation } from './measures/streaming.ts';
import { throughHttp } from './measures/through-http.ts';

/** Ours of CIS, IMA, W30, WCV, LSC, DEV, WCC, CDF, CHL, ADD, AMR, APM and FUH: the "13 full measures" of the goal, those of clinical care with a steward. */
const thirteenFull: readonly string[] = [
  'childhood-immunization-status',
  'adolescent-immunizations',
  'well-child-visits-first-30-months',
  'well-child-visits',
  'lead-screening',
  'developmental-screening',
  'weight-counseling',
  'depression-screening',
  'chlamydia-screening',
  'adhd-follow-up',
  'asthma-medication-ratio',
  'metabolic-monitoring',
  'mental-health-discharge-follow-up',
];

/**
 * The measures of this house over children that are nobody's: the compiled engine by itself and against cql-execution, a vaccine child with
 * 72 records, a population in threads, and from a write to the changed answer through HTTP. What is told as processor time is that
 * of this process alone.
 */
export async function benchMeasures({
  population: asked = '100000',
}: {
  population?: string;
}): Promise<Record<string, unknown>> {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const population = Number(asked);
  if (!Number.isInteger(population) || population < 1) throw new Error('--population is a number of children');
  say('building the measures');
  execFileSync(process.execPath, [join(import.meta.dirname, '..', 'build-measures.ts')]);
  const before = processorMicros();
  const measures = await readyMeasures();
  const loadMs = Math.round((processorMicros() - before) / 1000);
  const lists = codeListsOf(measures);
  const some = Array.from({ length: 1000 }, (_, number) => generateChild(number, lists));
  const resources = some.reduce((sum, child) => sum + child.length, 0);
  say('the engine, one thread');
  const { measures: each, ...allMeasures } = engineSpeed(measures, some);
  const thirteen = measures.filter(({ name }) => thirteenFull.includes(name));
  if (thirteen.length !== thirteenFull.length) throw new Error('one of the thirteen measures is not there');
  const { measures: _, ...thirteenAlone } = engineSpeed(thirteen, some);
  say('the same children on cql-execution');
  const names = measures.map(({ name }) => name);
  const reference = await againstReference({ measures: names, children: some.length, turnMs: 500 });
  say('a vaccine child with 72 immunizations');
  const vaccinated = vaccineChild();
  const cis = measures.filter(({ name }) => name === 'childhood-immunization-status');
  const vaccine = {
    immunizations: vaccinated.length - 1,
    oneMeasureMs: oneChild(cis, vaccinated),
    allMeasuresMs: oneChild(measures, vaccinated),
    reference: (await againstReference({ measures: cis.map(({ name }) => name), children: 'vaccine', turnMs: 500 }))[0],
  };
  const memoryMb = Math.round(process.memoryUsage.rss() / 1e6);
  say('through HTTP');
  const http = await throughHttp(measures, lists);
  say(`a population of ${population}`);
  const streamed = await streamPopulation(population, 2);
  return {
    measures: measures.length,
    loadMs,
    resourcesPerChild: round(resources / some.length),
    allMeasures,
    thirteenFull: { names: thirteenFull, ...thirteenAlone },
    memoryMb,
    vaccine,
    http,
    population: streamed,
    each: each.map((one) => ({ ...one, ...reference.find(({ measure }) => measure === one.measure) })),
  };
}
