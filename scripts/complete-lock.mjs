/**
 * Completes package-lock.json: a registry that lacks the binary packages of some platforms makes npm leave them out of the lock, and `npm ci` then refuses the whole lock.
 * Every optional dependency that is pinned exactly gets its entry, with the platform its name tells. Run after each change of dependencies.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const systems = ['android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'aix', 'win32'];
const processors = {
  x64: 'x64',
  arm64: 'arm64',
  aarch64: 'arm64',
  ia32: 'ia32',
  arm: 'arm',
  armv7: 'arm',
  ppc64: 'ppc64',
  ppc64le: 'ppc64',
  s390x: 's390x',
  riscv64: 'riscv64',
  loong64: 'loong64',
  wasm32: 'wasm32',
  mips64el: 'mips64el',
};

const path = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(path, 'utf8'));
let added = 0;
for (const [place, entry] of Object.entries(lock.packages)) {
  for (const [name, wanted] of Object.entries(entry.optionalDependencies ?? {})) {
    const version = wanted.replace(/^\^/, '');
    if (!/^\d+\.\d+\.\d+/.test(version) || isLocked(place, name)) continue;
    lock.packages[`node_modules/${name}`] = {
      version,
      ...(entry.dev && { dev: true }),
      ...platformOf(name),
      // Of the house's own there is only Node.
      ...(place === '' ? { license: 'MIT', bin: { node: 'bin/node' } } : { license: entry.license }),
      optional: true,
    };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${added} entries added\n`);

function isLocked(place, name) {
  return `${place}/node_modules/${name}`.replace(/^\//, '') in lock.packages || `node_modules/${name}` in lock.packages;
}

function platformOf(name) {
  const parts = name.split('/').at(-1).split('-');
  const os = systems.filter((one) => parts.includes(one));
  const cpu = [...new Set(parts.map((part) => processors[part]).filter(Boolean))];
  return {
    ...(cpu.length > 0 && { cpu }),
    ...(os.length > 0 && { os }),
    ...(parts.includes('musl') && { libc: ['musl'] }),
  };
}
