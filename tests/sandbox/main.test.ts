import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { siteCommands } from '../../src/commands/sites.ts';
import type { CommandInput } from '../../src/module.ts';
import { findCommand, readInput } from '../../src/ops/command-line.ts';
import { bundleText } from './town.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
  writeFileSync(join(folder, 'bundle.json'), bundleText);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const main = join(import.meta.dirname, '..', '..', 'src', 'sandbox', 'main.ts');

function run(...flags: string[]) {
  const stdio = ['ignore', 'pipe', 'pipe', 'ipc'] as const;
  const child = spawn(process.execPath, [main, '--state-dir', join(folder, 'state'), ...flags], { stdio: [...stdio] });
  let said = '';
  const ready = new Promise<string>((resolve) => {
    child.stdout?.on('data', (piece) => {
      said += piece;
      if (said.includes('sandbox listening at')) resolve(said);
    });
  });
  let complaint = '';
  child.stderr?.on('data', (piece) => {
    complaint += piece;
  });
  const ended = once(child, 'close').then(([code]) => ({ code, complaint }));
  return { child, ready, ended };
}

test('alone it serves a folder of bundles, says where, refuses a taken port, and ends on SIGTERM', async () => {
  const served = run('--bundles', join(folder, 'bundle.json'), '--port', '0');
  const said = await served.ready;
  const [base, port] = /FHIR (http:\/\/127\.0\.0\.1:(\d+)\S+)/.exec(said)?.slice(1) ?? [];
  expect(said).toContain('sandbox lakeside ready (vendor, 2 patients)');
  expect((await fetch(`${base}/metadata`)).status).toBe(200);

  const second = run('--port', String(port));
  expect(await second.ended).toEqual({ code: 1, complaint: 'The port is taken: choose another with --port.\n' });

  served.child.kill('SIGTERM');
  expect(await served.ended).toEqual({ code: 0, complaint: '' });
});

test('the printed command is one the command line takes, with a launch', async () => {
  const served = run('--bundles', join(folder, 'bundle.json'), '--port', '0');
  const printed = /npm run careweave -- (site add .*)/.exec(await served.ready)?.[1] ?? '';
  served.child.kill('SIGTERM');
  const commands = siteCommands({ config: { publicUrl: '' } } as Parameters<typeof siteCommands>[0]);
  const words = [...printed.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const found = findCommand(commands, words);
  const input = found && readInput(found.command, found.rest, {} as CommandInput);
  expect(input?.ok && input.value.text('launch-client-id')).toBe('careweave');
  await served.ended;
});

test('it ends when whoever started it is gone', async () => {
  const served = run('--bundles', join(folder, 'bundle.json'), '--port', '0');
  await served.ready;
  // Not `close`: Node does not emit it after a disconnect.
  const exit = once(served.child, 'exit');
  served.child.disconnect();
  expect((await exit)[0]).toBe(0);
});

test('a wrong flag ends in one sentence', async () => {
  const { ended } = run('--bundles', join(folder, 'none'));
  const { code, complaint } = await ended;
  expect([code, complaint.trim().split('\n').length]).toEqual([1, 1]);
});
