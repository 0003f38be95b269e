import type { Clock } from '../base/clock.ts';
import { fail } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Logger } from '../base/log.ts';
import type { JobHandler } from '../module.ts';
import type { Store } from '../store/types.ts';
import type { ClaimedJob } from './claim.ts';
import { finish, giveBack, renewLease } from './settle.ts';

/** Runs one claimed job to its end. An error or a fault of the handler is the job's own affair and never thrown on. */
export async function runJob(
  job: ClaimedJob,
  handler: JobHandler,
  { store, clock, log }: { store: Store; clock: Clock; log: Logger },
): Promise<void> {
  const lease = setInterval(
    () => renewLease(store, clock, job).catch(() => log.warn({ kind: job.kind }, 'lease not renewed')),
    (limits.jobs.leaseSeconds * 1000) / 3,
  );
  try {
    const { kind, key, payload, attempt } = job;
    const answer = await handler
      .run({ kind, key, payload, attempt }, { store, log, clock })
      .catch((cause: unknown) => fail('internal', 'The job failed.', { cause }));
    if (answer.ok) return await finish(store, clock, job);
    const { error } = answer;
    // The cause of a fault is named by its class alone: a message may quote what was being worked on.
    const cause = error.cause instanceof Error ? error.cause.name : undefined;
    log.warn({ kind, job: job.number, attempt, error: error.kind, cause }, 'job failed');
    await giveBack(store, clock, job, error);
  } finally {
    clearInterval(lease);
  }
}
