/** `npm run build`: installs what is missing and builds every artifact whose sources changed. */
import { checkNode, ensureBuilt, ensureInstalled } from './setup.mjs';

checkNode();
ensureInstalled();
ensureBuilt();
