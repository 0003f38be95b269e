import type { Clock } from '../../base/clock.ts';
import type { Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Command, JobHandler, RoomGauge } from '../../module.ts';
import type { NewJob, Reader, Store, WriteEffect } from '../../store/types.ts';
import type { Period, ReadyMeasure } from '../types.ts';
import { currencyCommands } from './commands.ts';
import { createEvaluateJob } from './evaluate-job.ts';
import { evaluatePopulation } from './evaluate-population.ts';
import { currencyGauges } from './gauges.ts';
import { createStaleMark } from './mark-stale.ts';
import { type PopulationAnswers, type PopulationQuestion, populationAnswers } from './population.ts';
import { createPrepared, type PreparedMeasure } from './prepared.ts';
import type { ChildResult } from './results.ts';
import { readSlices } from './slice.ts';
import { createSweepJob, evaluateAll, nextNight, type Sweep, sweepJob } from './sweep-job.ts';
import { createVerifyJob, verifyJobKind } from './verify-job.ts';

/** Child by child the caller is told whose result it is: a store that notes what a caller reads hears of these patients. */
async function noteTold(store: Store, patientIds: readonly string[]): Promise<void> {
  for (let from = 0; from < patientIds.length; from += limits.search.maxCount) {
    const some = patientIds.slice(from, from + limits.search.maxCount);
    await store.readMany(some.map((id) => ({ type: 'Patient', id })));
  }
}

type Asked<Question> = Omit<Question, 'measure'> & { measure: ReadyMeasure };

/** Every child's answer to every measure, kept current. */
export interface Currency {
  effects: readonly WriteEffect[];
  jobs: readonly JobHandler[];
  commands: readonly Command[];
  gauges: readonly RoomGauge[];
  /** To be queued at start: the first sweep, and the first verification; each then queues itself every night. */
  nightlyJobs: readonly NewJob[];
  /** What measures read of a child: its Patient and the records about it; undefined when there is no such Patient. */
  recordOf(reader: Reader, measures: readonly ReadyMeasure[], patientId: string): Promise<Resource[] | undefined>;
  /** The answers of a population, added up, with how many of them are out of date; see population.ts. */
  populationAnswers(store: Store, question: Asked<PopulationQuestion>): Promise<PopulationAnswers>;
  /** Each child's result, in the order of their ids: kept ones that hold, others evaluated now. Of some children only, by id. */
  eachResult(
    store: Store,
    question: { measure: ReadyMeasure; period: Period; subjects?: readonly string[] },
    visit: (result: ChildResult) => void,
  ): Promise<void>;
  /** Brings every answer of every child up to date; see sweep-job.ts. */
  evaluateAll(options: EvaluateAllOptions): Promise<Result<Sweep>>;
}

interface EvaluateAllOptions {
  store: Store;
  /** This calendar year unless given. */
  period?: Period;
  /** All unless given. */
  measures?: readonly ReadyMeasure[];
  progress?: (children: number) => void;
}

/** `measures` answers with the measures that can run now: with the same list as long as they are the same. */
export function createCurrency(options: {
  measures: () => readonly ReadyMeasure[];
  clock: Clock;
  zone: string;
  /** Takes over measures that were posted meanwhile: asked before a command, whose process has heard of none. */
  look?: (reader: Reader, options: { now: boolean }) => Promise<void>;
}): Currency {
  const { clock, zone } = options;
  const prepared = createPrepared(options.measures, zone);
  const find = (measure: ReadyMeasure): PreparedMeasure => {
    const known = prepared().measures.find(({ name }) => name === measure.name);
    if (!known) throw new Error(`measure ${measure.name} is not among those that can run`);
    return known;
  };
  // Of a population the caller is told sums: the records that go into them are not read by the caller.
  const evaluating = (store: Store) => ({ store: store.unwatched ?? store, clock, zone });
  return {
    effects: [createStaleMark(() => prepared().sight)],
    jobs: [createEvaluateJob(prepared, zone), createSweepJob(prepared, zone), createVerifyJob(prepared, zone)],
    commands: currencyCommands(prepared, zone).map((command) => ({
      ...command,
      async run(input) {
        await options.look?.(input.store, { now: true });
        return command.run(input);
      },
    })),
    gauges: currencyGauges(prepared, { clock, zone }),
    nightlyJobs: [sweepJob, { kind: verifyJobKind, key: 'all', runAt: nextNight({ clock, zone }) }],
    async recordOf(reader, measures, patientId) {
      const types = [...new Set(measures.flatMap((measure) => find(measure).types))].sort();
      return (await readSlices(reader, types, [patientId])).get(patientId)?.resources;
    },
    populationAnswers: (store, question) =>
      populationAnswers(evaluating(store), { ...question, measure: find(question.measure) }),
    async eachResult(store, { measure, period, subjects }, visit) {
      const told: string[] = [];
      const tell = (result: ChildResult) => {
        told.push(result.patientId);
        visit(result);
      };
      await evaluatePopulation(evaluating(store), find(measure), period, tell, subjects);
      if (store.unwatched) await noteTold(store, told);
    },
    evaluateAll({ store, measures, ...rest }) {
      return evaluateAll(measures?.map(find) ?? prepared().measures, { ...evaluating(store), ...rest });
    },
  };
}
