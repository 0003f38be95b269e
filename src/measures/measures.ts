import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Resource } from '../fhir/types.ts';
import type { Schema } from '../fhir/validate/schema.ts';
import type { Module } from '../module.ts';
import type { NewJob } from '../store/types.ts';
import { type Currency, createCurrency } from './currency/currency.ts';
import { createEngine } from './engine/engine.ts';
import { loadMeasures } from './load.ts';
import { measureResources } from './measure-resources.ts';
import { measureOperations } from './operations/index.ts';
import type { ReadyMeasure } from './types.ts';

export interface Measures {
  module: Module;
  /** Ready to run, for rooms that show a child's result. */
  measures: readonly ReadyMeasure[];
  /** Measure, Library and ValueSet resources to put into the store at start; putting them there again changes nothing. */
  measureResources(): Resource[];
  currency: Currency;
  /** To be queued at start: what then queues itself every night. */
  nightlyJobs: readonly NewJob[];
}

/**
 * The measures room. `profilesDir` is profiles/measures, `buildDir` where the build put the ELM. Throws when a measure is not
 * built or its parts do not fit together.
 */
export function createMeasures(options: {
  buildDir: string;
  profilesDir: string;
  /** Names of FHIR's resource types. */
  types: ReadonlySet<string>;
  schema: () => Schema;
  clock: Clock;
  log: Logger;
}): Measures {
  const { clock, log } = options;
  const engine = createEngine(options.schema);
  const measures = loadMeasures(options).map((definition): ReadyMeasure => ({ ...definition, ...engine(definition) }));
  log.debug({ measures: measures.map(({ name }) => name) }, 'measures loaded');
  const currency = createCurrency({ measures: () => measures, clock, zone: 'UTC' });
  return {
    module: {
      name: 'measures',
      effects: currency.effects,
      operations: measureOperations({ measures: () => measures, currency, clock, zone: 'UTC', reporter: 'Careweave' }),
      jobs: currency.jobs,
      commands: currency.commands,
      gauges: currency.gauges,
    },
    currency,
    measures,
    measureResources: () => measureResources(measures),
    nightlyJobs: currency.nightlyJobs,
  };
}
