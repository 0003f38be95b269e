import { parseJsonStrict } from '../../fhir/json.ts';
import { isObject } from '../../fhir/search/walk-path.ts';
import { BrokenFile } from '../load/text-file.ts';

/** What package.json says of a package. */
export interface Manifest {
  name: string;
  version: string;
  /** `name version` of other packages. */
  dependencies: string[];
}

/** A package's name and version are said to the operator, so they have to look like ones. */
const shape = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** Reads package.json. Throws BrokenFile when it is that of no FHIR package, or of one for another FHIR than R4. */
export function readManifest(content: Buffer | undefined): Manifest {
  if (!content) throw new BrokenFile('It is no FHIR package: it has no package/package.json.');
  const value = jsonOf(content, 'package.json');
  const { name, version, fhirVersions, dependencies } = isObject(value) ? value : {};
  if (typeof name !== 'string' || typeof version !== 'string' || !shape.test(name) || !shape.test(version)) {
    throw new BrokenFile('It is no FHIR package: its package.json has no name and version.');
  }
  const older = isObject(value) ? value['fhir-version-list'] : undefined;
  const versions = [fhirVersions, older].flat().filter((one) => typeof one === 'string');
  if (versions.length === 0) throw new BrokenFile('It is no FHIR package: its package.json has no fhirVersions.');
  if (!versions.some((one) => /^4\.0(\.|$)/.test(one))) {
    throw new BrokenFile('The package is for another version of FHIR: this server has R4 (4.0.1).');
  }
  const needed = isObject(dependencies) ? Object.entries(dependencies) : [];
  return {
    name,
    version,
    dependencies: needed.flatMap(([other, at]) =>
      shape.test(other) && typeof at === 'string' && shape.test(at) ? [`${other} ${at}`] : [],
    ),
  };
}

/** The JSON of a file of the package. Throws BrokenFile naming the file. */
export function jsonOf(content: Buffer, path: string): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    throw new BrokenFile(`${path} is not UTF-8 text.`);
  }
  if (text.includes('\0') || text.includes('\\u0000')) throw new BrokenFile(`${path} has a NUL character.`);
  const parsed = parseJsonStrict(text);
  if (!parsed.ok) throw new BrokenFile(`${path} is no JSON that can be read here.`);
  return parsed.value;
}
