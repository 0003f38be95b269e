import { readFile, stat } from 'node:fs/promises';
import type { Issue } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { isResource } from '../../fhir/is-resource.ts';
import { parseJson, plain } from '../../fhir/json.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { BrokenFile } from './text-file.ts';

export type TerminologyResource = r4.CodeSystem | r4.ValueSet | r4.ConceptMap;

const types: ReadonlySet<string> = new Set(['CodeSystem', 'ValueSet', 'ConceptMap']);

/**
 * The terminology resources of a FHIR JSON file: one, or a Bundle of them, each checked against its definition. Throws BrokenFile
 * for anything else. JSON is read whole, so the size has a bound.
 */
export async function readFhirFile(
  file: string,
  validate: (resource: Resource) => Issue[],
): Promise<{ resource: Resource; plain: TerminologyResource }[]> {
  if ((await stat(file)).size > limits.terminology.loadBytes) throw new BrokenFile('The file is too large.');
  const resources = resourcesOf(parsed(await readFile(file, 'utf8')));
  if (resources.length === 0) throw new BrokenFile('The file has no resources.');
  return resources.map((resource) => {
    if (!types.has(resource.resourceType)) {
      throw new BrokenFile('The file has a resource that is not a CodeSystem, ValueSet or ConceptMap.');
    }
    const [issue] = validate(resource).filter(({ severity }) => severity === undefined || severity === 'error');
    const name = `${resource.resourceType} ${typeof resource.url === 'string' ? resource.url : 'without a url'}`;
    if (issue) throw new BrokenFile(`${name}: ${issue.text} (${issue.expression?.join(', ') ?? 'resource'})`);
    if (typeof resource.url !== 'string') throw new BrokenFile(`A ${resource.resourceType} has no url.`);
    // Its type and shape were checked just above.
    return { resource, plain: plain(resource) as unknown as TerminologyResource };
  });
}

function parsed(text: string): unknown {
  if (text.includes('\0') || text.includes('\\u0000')) throw new BrokenFile('The file has a NUL character.');
  try {
    return parseJson(text);
  } catch {
    throw new BrokenFile('The file is not well-formed JSON.');
  }
}

function resourcesOf(value: unknown): Resource[] {
  if (!isResource(value)) throw new BrokenFile('The file is not a FHIR resource.');
  if (value.resourceType !== 'Bundle') return [value];
  const entries: unknown[] = Array.isArray(value.entry) ? value.entry : [];
  return entries.map((entry) => {
    const resource = typeof entry === 'object' && entry !== null ? Reflect.get(entry, 'resource') : undefined;
    if (!isResource(resource)) throw new BrokenFile('The Bundle has an entry without a resource.');
    return resource;
  });
}
