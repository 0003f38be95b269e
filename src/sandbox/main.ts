import { readArguments, usage } from './arguments.ts';
import type { Hospital } from './hospital.ts';
import { listenSandbox } from './sandbox.ts';

function describe(hospital: Hospital, clientId: string): string {
  const { name, personality, base, root, chart } = hospital;
  const { Patient = 0 } = chart.counts();
  const register = `npm run careweave -- site add --id ${hospital.id} --name "${name}" --base-url ${base} --client-id ${clientId} --launch-client-id ${clientId}`;
  return [
    `sandbox ${hospital.id} ready (${personality.name}, ${Patient} patients): FHIR ${base} token ${root}/oauth/token chart ${root}/`,
    `  register it as a site of Careweave: ${register}`,
  ].join('\n');
}

async function main(): Promise<void> {
  if (process.argv.includes('--help')) return console.log(usage);
  const options = readArguments(process.argv.slice(2));
  const sandbox = await listenSandbox(options);
  for (const hospital of sandbox.hospitals) console.log(describe(hospital, String(options.clients[0]?.id)));
  console.log(
    `sandbox listening at ${sandbox.url} after ${Math.round(performance.now())} ms, ${Math.round(process.memoryUsage().rss / 1e6)} MB`,
  );
  const stop = () => {
    sandbox.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  // Started as somebody's child: when the parent is gone, however it went, so are we.
  process.once('disconnect', stop);
}

main().catch((error: unknown) => {
  const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const text = error instanceof Error ? error.message : 'The sandbox could not start.';
  console.error(taken ? 'The port is taken: choose another with --port.' : text);
  process.exitCode = 1;
});
