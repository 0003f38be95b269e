import path from 'node:path';
import type { Clock } from '../base/clock.ts';
import { ok } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { Definitions } from '../fhir/definitions.ts';
import type { Resource } from '../fhir/types.ts';
import type { JobHandler, Module, Operation } from '../module.ts';
import type { NewJob, Reader, WriteEffect } from '../store/types.ts';
import { type Currency, createCurrency } from './currency/currency.ts';
import { createCompiler } from './engine/engine.ts';
import { loadMeasures } from './load.ts';
import { measureResources } from './measure-resources.ts';
import { exportCommand } from './operations/export-command.ts';
import { measureOperations } from './operations/index.ts';
import { checkPosted } from './posted/check-posted.ts';
import { computeJob, createComputeJob } from './posted/compute-job.ts';
import { createEvaluations } from './posted/evaluations.ts';
import { broughtBySystems, keepShipped, rememberReplaced, replacedIds } from './posted/keep-shipped.ts';
import { measureSource, type ValueSetTerminology } from './posted/measure-source.ts';
import { createTranslations } from './posted/translations.ts';
import { createRegistry, type Registry } from './registry.ts';
import type { ReadyMeasure } from './types.ts';

export interface Measures {
  module: Module;
  /** Those that come with this house, ready to run. */
  measures: readonly ReadyMeasure[];
  /** Those that can run now. */
  registry: Registry;
  /**
   * Measure, Library and ValueSet resources to put into the store at start; putting them there again changes nothing. Without value sets
   * that users have replaced.
   */
  measureResources(reader: Reader): Promise<Resource[]>;
  currency: Currency;
  /** To be queued at start: what then queues itself every night. */
  nightlyJobs: readonly NewJob[];
  close(): Promise<void>;
}

/**
 * The measures room. `profilesDir` is profiles/measures, `buildDir` where the build put the ELM. Throws when a measure is not
 * built or its parts do not fit together.
 */
export function createMeasures(options: {
  buildDir: string;
  profilesDir: string;
  /** build/fhir: measures that users post run in a process that reads it for itself. */
  fhirDir: string;
  definitions: Pick<Definitions, 'types' | 'schema' | 'searchParams'>;
  terminology: ValueSetTerminology;
  /** IANA name of the reporter's time zone, in whose days measures count. */
  zone: string;
  /** Name of the organization that reports; `Careweave` unless given. */
  reporter?: string;
  /** Processes in which measures that users post are evaluated; 1 unless given. */
  evaluators?: number;
  /** See `MeasureRoom`. */
  minimumCell: () => Promise<number | undefined>;
  clock: Clock;
  log: Logger;
}): Measures {
  const { clock, log, zone, reporter = 'Careweave', definitions, terminology, minimumCell } = options;
  const compileLogic = createCompiler(definitions.schema);
  const shipped = loadMeasures({ ...options, types: definitions.types });
  const valueSets = shipped.flatMap((definition) => definition.valueSets);
  const translations = createTranslations();
  const evaluations = createEvaluations(path.join(options.fhirDir, 'structures'), { processes: options.evaluators });
  const parts = { definitions, terminology, translations, shipped: { definitions: shipped, valueSets } };
  const registry = createRegistry({
    ...{ ...parts, log },
    compile(definition) {
      const compiled = compileLogic(definition);
      return compiled.ok ? ok({ ...definition, ...compiled.value }) : compiled;
    },
    compilePosted: (definition) => evaluations.ready(definition),
  });
  const resources = measureResources(shipped);
  const idsOf = (type: string) =>
    new Set(resources.filter(({ resourceType }) => resourceType === type).flatMap(({ id }) => id ?? []));
  const ids = { Measure: idsOf('Measure'), Library: idsOf('Library'), ValueSet: idsOf('ValueSet') };
  const { measures, find } = registry;
  log.debug({ measures: measures().map(({ name }) => name) }, 'measures loaded');
  const currency = createCurrency({ measures, clock, zone, look: registry.look });
  const recompute = (changed: readonly string[]) => computeJob(changed, clock);
  const operations = measureOperations({ measures, find, currency, clock, zone, reporter, minimumCell });
  return {
    module: {
      name: 'measures',
      checks: [broughtBySystems(ids), keepShipped(ids)],
      effects: [registry.generation.effect, rememberReplaced(ids), ...currency.effects.map((e) => seeing(registry, e))],
      conclusions: [checkPosted({ registry, source: (tx) => measureSource(tx, parts), recompute })],
      operations: operations.map((operation) => asking(registry, operation)),
      jobs: [createComputeJob(), ...currency.jobs].map((job) => working(registry, job)),
      commands: [...currency.commands, exportCommand({ measures, find, currency, look: registry.look })],
      gauges: currency.gauges,
    },
    currency,
    measures: measures(),
    registry,
    async measureResources(reader) {
      const replaced = await replacedIds(reader);
      return resources.filter(({ resourceType, id }) => resourceType !== 'ValueSet' || !replaced.has(id ?? ''));
    },
    nightlyJobs: currency.nightlyJobs,
    async close() {
      await Promise.all([translations.close(), evaluations.close()]);
    },
  };
}

/** A change is held against the measures of now, those of other servers included. */
function seeing(registry: Registry, effect: WriteEffect): WriteEffect {
  return {
    ...effect,
    async apply(change, tx) {
      await registry.look(tx);
      return effect.apply(change, tx);
    },
  };
}

function asking(registry: Registry, operation: Operation): Operation {
  return {
    ...operation,
    async handle(request) {
      await registry.look(request.store.unwatched ?? request.store, { now: true });
      return operation.handle(request);
    },
  };
}

function working(registry: Registry, job: JobHandler): JobHandler {
  return {
    ...job,
    async run(one, context) {
      await registry.look(context.store, { now: true });
      return job.run(one, context);
    },
  };
}
