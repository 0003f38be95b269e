/** Runs one of our TypeScript entry points on Node 24: `node scripts/run.mjs <file.ts> [arguments]`. */
import { join } from 'node:path';
import { prepare, root, runNode24 } from './setup.mjs';

prepare();
const [entry, ...rest] = process.argv.slice(2);
await runNode24(['--disable-warning=ExperimentalWarning', join(root, entry), ...rest]);
