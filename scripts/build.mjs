/** `npm run build`: installs what is missing and builds every artifact whose sources changed. */
import { prepare } from './setup.mjs';

prepare();
