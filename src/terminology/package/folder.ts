import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '../../base/limits.ts';
import { BrokenFile } from '../load/text-file.ts';
import type { ArchivedFile } from './tar.ts';

/**
 * The files of an unpacked package, named as in its archive (`package/…`): of the folder `package`, or of the folder that was in it.
 * Subfolders are left out. Throws BrokenFile for links and for sizes past the bounds.
 */
export async function* readFolder(folder: string, isWanted: (path: string) => boolean): AsyncGenerator<ArchivedFile> {
  const inner = join(folder, 'package');
  const root = existsSync(join(folder, 'package.json')) ? folder : inner;
  if (!existsSync(root)) return;
  const entries = await readdir(root, { withFileTypes: true });
  if (entries.length > limits.packages.entries) throw new BrokenFile('The folder has too many files.');
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.isSymbolicLink()) throw new BrokenFile('The folder has a link: a package has none.');
    if (!entry.isFile()) continue;
    const path = `package/${entry.name}`;
    const file = join(root, entry.name);
    if (!isWanted(path)) yield { path };
    else if ((await stat(file)).size > limits.packages.resourceBytes)
      throw new BrokenFile('The folder has a file that is too large.');
    else yield { path, content: await readFile(file) };
  }
}
