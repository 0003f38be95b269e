/** `npm start`: installs and builds what is missing, then runs the server on Node 24. */
import { join } from 'node:path';
import { prepare, root, runNode24 } from './setup.mjs';

prepare();
await runNode24(['--disable-warning=ExperimentalWarning', join(root, 'src', 'main.ts'), ...process.argv.slice(2)]);
