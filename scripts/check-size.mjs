/** The house's size rule: no hand-written source file over 500 lines. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const limit = 500;
const long = [];
for (const folder of ['src', 'scripts', 'tests']) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(ts|tsx|mjs)$/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const lines = readFileSync(path, 'utf8').split('\n').length - 1;
    if (lines > limit) long.push(`${path}: ${lines} lines, the limit is ${limit}`);
  }
}
process.stdout.write(long.map((line) => `${line}\n`).join(''));
process.exit(long.length === 0 ? 0 : 1);
