import type { House } from '../app.ts';
import { ok } from '../base/errors.ts';
import type { Command } from '../module.ts';

/** `doctor`: what an operator asks first, in counts only. */
export function doctorCommand(house: House): Command {
  return {
    name: 'doctor',
    summary: 'Says what the store holds and what waits: resources, jobs, sites.',
    run: async (input) => {
      const [server] = await input.store.query<{ version: string }>('SHOW server_version', []);
      input.print(`PostgreSQL ${Object.values(server ?? {})[0] ?? 'unknown'}, data in ${house.config.dataDir}`);
      const types = await input.store.query<{ type: string; resources: string }>(
        'SELECT type, count(*) AS resources FROM resource WHERE NOT deleted GROUP BY type ORDER BY type',
      );
      for (const { type, resources } of types) input.print(`  ${type}: ${resources}`);
      const jobs = await input.store.query<{ kind: string; state: string; jobs: string }>(
        "SELECT kind, state, count(*) AS jobs FROM job WHERE state <> 'done' GROUP BY kind, state ORDER BY kind, state",
      );
      for (const job of jobs) input.print(`  job ${job.kind}: ${job.jobs} ${job.state}`);
      for (const site of await house.ehr.sites(input.store))
        input.print(`  site ${site.id}: ${site.state}, ${site.baseUrl}`);
      return ok(undefined);
    },
  };
}
