import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { personaBundle } from '../fixtures/persona/index.ts';
import { bundleText, generateTown } from '../fixtures/town/generate.ts';

/** Writes the demo town's generated files under fixtures/ and removes generated files of children who no longer exist. */
const root = join(import.meta.dirname, '..', 'fixtures');
const files = generateTown().set('persona/bundle.json', bundleText(personaBundle()));
for (const folder of ['children', 'ehr/lakeside', 'ehr/summit']) {
  mkdirSync(join(root, folder), { recursive: true });
  for (const name of readdirSync(join(root, folder))) {
    const path = `${folder}/${name}`;
    if (![...files.keys()].some((file) => file === path || file.startsWith(`${path}/`))) {
      rmSync(join(root, path), { recursive: true });
    }
  }
}
let bytes = 0;
for (const [path, text] of files) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  bytes += Buffer.byteLength(text);
}
console.log(`${files.size} files, ${bytes} bytes`);
