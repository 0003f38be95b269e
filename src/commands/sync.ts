import type { House } from '../app.ts';
import { fail, ok, type Result } from '../base/errors.ts';
import type { RunSummary, SiteStatus } from '../ehr/index.ts';
import type { Command } from '../module.ts';
import { syncSite } from '../sync-site.ts';

/** `sync run <site>` and `sync status`. */
export function syncCommands(house: House): Command[] {
  return [
    {
      name: 'sync run',
      summary:
        'Pulls everything from a site, composes the shared plans, evaluates what changed, and delivers what waits for the site.',
      takes: ['site'],
      run: async (input) => {
        const site = input.arguments.site ?? '';
        const ran = await syncSite(house, site, ({ done, total }) =>
          input.progress(`${site}: ${done} of ${total} patients`),
        );
        if (!ran.ok) return ran;
        await house.worker.drain();
        const delivered = await house.ehr.deliver(house.store, site);
        if (!delivered.ok) return delivered;
        for (const line of summaryLines(ran.value)) input.print(line);
        return failures(ran.value);
      },
    },
    {
      name: 'sync status',
      summary: 'Shows each site: last run, mirrors, outbox, conflicts.',
      options: { json: { kind: 'flag', help: 'as JSON' } },
      run: async (input) => {
        const statuses = await house.ehr.syncStatus(house.store);
        if (input.flag('json')) input.print(JSON.stringify(statuses, null, 2));
        else for (const status of statuses) for (const line of statusLines(status)) input.print(line);
        if (statuses.length === 0) input.print('There are no sites yet: see careweave site add.');
        return ok(undefined);
      },
    },
  ];
}

function failures(run: RunSummary): Result<void> {
  if (run.patients.failed === 0) return ok(undefined);
  return fail(
    'internal',
    `${run.patients.failed} of ${run.patients.total} patients could not be synced: see sync status, then run it again.`,
  );
}

function summaryLines(run: RunSummary): string[] {
  const totals = Object.entries(run.counts).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    `Site ${run.site}: ${run.patients.done} of ${run.patients.total} patients.`,
    ...totals.map(
      ([type, counts]) =>
        `  ${type}: ${Object.entries(counts)
          .map(([outcome, count]) => `${count} ${outcome}`)
          .join(', ')}`,
    ),
    ...warningLines(run.warnings),
  ];
}

/** One line for each kind of warning: the site's remarks come by the hundred. */
function warningLines(warnings: RunSummary['warnings']): string[] {
  const codes = [...new Set(warnings.map(({ code }) => code))].sort();
  return codes.map((code) => {
    const same = warnings.filter((warning) => warning.code === code);
    const total = same.reduce((sum, { count }) => sum + count, 0);
    const types = same.map(({ type }) => type).filter(Boolean);
    return `  warning ${code}: ${total} times (${types.slice(0, 6).join(', ')}${types.length > 6 ? ` and ${types.length - 6} more types` : ''})`;
  });
}

function statusLines(status: SiteStatus): string[] {
  const { lastRun } = status;
  const outbox = Object.entries(status.outbox).map(([state, count]) => `${count} ${state}`);
  return [
    `${status.site} (${status.name}): ${status.state}${status.running ? ', running' : ''}`,
    lastRun
      ? `  last run ${lastRun.state} ${lastRun.finishedAt ?? lastRun.startedAt}, ${lastRun.patients.done} of ${lastRun.patients.total} patients`
      : '  never synced',
    ...(lastRun?.error ? [`  ${lastRun.error}`] : []),
    `  ${status.patients} patients, ${status.mirrors} mirrors, ${status.missing} no longer at the site, ${status.identityConflicts} identity conflicts`,
    `  outbox: ${outbox.length > 0 ? outbox.join(', ') : 'empty'}`,
    ...status.rejected.map(({ kind, reason, count }) => `  rejected: ${count} ${kind} (${reason})`),
  ];
}
