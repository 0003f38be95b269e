import { stat } from 'node:fs/promises';
import { limits } from '../../base/limits.ts';
import { isResource } from '../../fhir/is-resource.ts';
import type { Resource } from '../../fhir/types.ts';
import { BrokenFile } from '../load/text-file.ts';
import { gunzipped } from './archive.ts';
import { readFolder } from './folder.ts';
import { jsonOf, type Manifest, readManifest } from './manifest.ts';
import { type ArchivedFile, noPackage, readTar } from './tar.ts';

export interface PackageReader {
  manifest: Manifest;
  /** The resources directly in the package, one after the other; examples and other folders are left out. */
  resources(): AsyncGenerator<{ path: string; resource: Resource }>;
}

const manifestPath = 'package/package.json';

/** Resources lie directly in `package/`; names that begin with a dot are of the tools that made it. */
function isResourceFile(path: string): boolean {
  return /^package\/[^./][^/]*\.json$/.test(path) && path !== manifestPath;
}

/** Opens a package: a .tgz or a folder. Throws BrokenFile for what is none, and for a package of another FHIR. */
export async function openPackage(place: string): Promise<PackageReader> {
  const found = await stat(place).catch(() => undefined);
  if (!found || !(found.isFile() || found.isDirectory())) throw new BrokenFile('The package cannot be read.');
  if (found.isFile() && found.size > limits.packages.fileBytes) throw new BrokenFile('The archive is too large.');
  const read = (isWanted: (path: string) => boolean): AsyncGenerator<ArchivedFile> =>
    found.isFile() ? readTar(gunzipped(place), isWanted) : readFolder(place, isWanted);
  // Read to its end once before anything is loaded: an archive that is damaged or hostile further on is refused here.
  let manifest: ArchivedFile | undefined;
  let files = 0;
  for await (const file of read((path) => path === manifestPath)) {
    files += 1;
    if (file.path === manifestPath) manifest = file;
  }
  if (files === 0 && found.isFile()) throw new BrokenFile(noPackage);
  return {
    manifest: readManifest(manifest?.content),
    async *resources() {
      for await (const { path, content } of read(isResourceFile)) {
        if (!content) continue;
        const resource = jsonOf(content, path.slice('package/'.length));
        // The index of a package, and configuration, is JSON as well.
        if (isResource(resource)) yield { path, resource };
      }
    },
  };
}
