import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { House } from './app.ts';
import { fail, ok, type Result } from './base/errors.ts';
import { createLogger } from './base/log.ts';
import { type Config, readConfig } from './config.ts';
import { openDoor } from './ops/door.ts';
import { createLifetime, type Lifetime } from './ops/lifetime.ts';

/** The server: configuration → port → database → app → demo → ready line; drained on SIGTERM and SIGINT, at whatever point it is. */
async function start(config: Config, life: Lifetime): Promise<Result<void>> {
  const log = createLogger(config.logLevel);
  const empty = process.argv.includes('--empty');
  // What can be known to fail is looked at first: when somebody else has the port, nothing has been created yet.
  const door = await life.hold(openDoor(config), (opened) => opened.close());
  if (!door.ok) return door;
  // The rest of the code is loaded only now, so that a wrong setting or a taken port is told at once.
  const { createApp, openHouse } = await import('./app.ts');
  const { clockBehind } = await import('./access/audit/clock-behind.ts');
  const { demoProblem, openDemo } = await import('./demo.ts');
  const problem = await demoProblem(config, empty);
  if (problem) return fail('conflict', problem);
  const house = await life.hold(openHouse(config, log, { stopping: () => life.ending }), (opened) => opened.close());
  if (!house.ok || life.ending) return house.ok ? ok(undefined) : house;
  const behind = await clockBehind(house.value.store, house.value.clock.now());
  if (!behind.ok) return behind;
  let links: readonly { label: string; url: string }[] = [];
  door.value.serve(
    createApp(
      house.value,
      () => links,
      () => life.ending,
    ),
  );
  const demo = await openDemo(house.value, { empty, life });
  if (!demo.ok || life.ending) return demo.ok ? ok(undefined) : demo;
  links = demo.value;
  const work = await life.hold(startWork(house.value), async () => {
    await house.value.worker.stop();
    await house.value.sealer.stop();
  });
  if (!work.ok) return work;
  // Held once more, and last: at the end the requests under way are finished first, while everything they need is still there.
  await life.hold(Promise.resolve(door), (opened) => opened.close());
  if (!life.ending) announce(config, links);
  return ok(undefined);
}

/** Jobs run from here on. Results that went stale while nobody ran, because time passed, are swept up first; the audit trail is verified. */
async function startWork(house: House): Promise<Result<void>> {
  const actor = { kind: 'system', id: 'measures', requestId: 'start' } as const;
  const swept = await house.store.transact(actor, async (tx) => {
    for (const job of house.measures.nightlyJobs) await tx.enqueue(job);
    await tx.enqueue(house.audit.verifyJob);
    await tx.enqueue(house.care.escalateJob);
    await tx.enqueue(house.care.planReviewJob);
    await tx.enqueue(house.care.screeningJob);
    await tx.enqueue(house.care.digestJob);
    await tx.enqueue(house.care.consentEndJob);
    return ok(undefined);
  });
  if (swept.ok) house.worker.start();
  house.sealer.start();
  return swept;
}

function settings(): Result<Config> {
  const unknown = process.argv.slice(2).find((word) => word !== '--empty');
  if (unknown)
    return fail(
      'invalid',
      `Careweave does not know the argument ${unknown}: the only one is --empty, which starts without the demo town.`,
    );
  const rootDir = dirname(import.meta.dirname);
  const missing = ['fhir', 'measures', 'web'].find((folder) => !existsSync(join(rootDir, 'build', folder)));
  if (missing)
    return fail('invalid', `The built files in build/${missing} are missing: run npm start, which builds them.`);
  return readConfig(rootDir);
}

function announce(config: Config, links: readonly { label: string; url: string }[]): void {
  const lines = [`careweave ready at ${config.publicUrl}`, ...links.map(({ label, url }) => `  ${label}: ${url}`)];
  // In one piece: who waits for the first line reads the others with it.
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** Where something broke, without its text: that could quote what was being worked on. */
function traceOf(fault: unknown): string {
  if (!(fault instanceof Error)) return 'a fault';
  const frames = fault.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  const code = 'code' in fault ? ` ${String(fault.code)}` : '';
  return [`${fault.name}${code}`, ...frames].join('\n');
}

async function main(): Promise<void> {
  const life = createLifetime((fault) => process.stderr.write(`A part did not close: ${traceOf(fault)}\n`));
  const leave = async (code: number) => {
    await life.end();
    process.exit(code);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'disconnect'] as const) process.on(signal, () => leave(0));
  // Nobody may be reading any more; that is no reason to stop serving.
  process.stdout.on('error', () => {});
  process.on('uncaughtException', (fault) => {
    if (life.ending) return;
    process.stderr.write(
      `Careweave stops because of a fault in itself: start it again, and report this: ${traceOf(fault)}\n`,
    );
    leave(1);
  });
  const config = settings();
  const started = config.ok ? await start(config.value, life) : config;
  if (started.ok || life.ending) return;
  process.stderr.write(`${started.error.issues[0]?.text ?? 'Careweave could not start.'}\n`);
  await leave(1);
}

await main();
