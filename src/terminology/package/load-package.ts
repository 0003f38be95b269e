import { fail, type Issue, ok, type Result } from '../../base/errors.ts';
import { stableId } from '../../base/ids.ts';
import { plain } from '../../fhir/json.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Store, Tx } from '../../store/types.ts';
import type { FindResource } from '../library.ts';
import { absent, loadConcepts } from '../load/load.ts';
import { BrokenFile } from '../load/text-file.ts';
import { openPackage, type PackageReader } from './read-package.ts';

const actor = { kind: 'system', id: 'terminology', requestId: 'package load' } as const;

/** What is loaded of a package, and how the summary calls it. */
const loaded = {
  StructureDefinition: 'profiles and extensions',
  ValueSet: 'value sets',
  CodeSystem: 'code systems',
  ConceptMap: 'concept maps',
  SearchParameter: 'search parameters',
  Library: 'model definitions',
} as const;

type LoadedType = keyof typeof loaded;
/** Of Libraries those of model information in XML, over which a measure's CQL may be written; logic comes with its Measure. */
function isWanted({ resourceType, type, content }: Resource): boolean {
  if (resourceType !== 'Library') return true;
  const types = Array.isArray(content) ? content.map((one) => String(Object(one).contentType ?? '')) : [];
  return (
    JSON.stringify(type ?? '').includes('"model-definition"') &&
    types.some((one) => /^(?:application|text)\/xml\b/.test(one))
  );
}
const isLoaded = (type: string): type is LoadedType => Object.hasOwn(loaded, type);

/** What this room's command uses of the house's `CommandInput`. */
export interface PackageInput {
  arguments: Readonly<Record<string, string>>;
  flag(option: string): boolean;
  store: Store;
  print(line: string): void;
  progress(line: string): void;
}

export interface PackageDeps {
  validate(resource: Resource): Issue[];
  find: FindResource;
  /** Says that the transaction changes profiles or terminology. */
  changed(tx: Tx): Promise<void>;
}

export type PackageCommand = ReturnType<typeof packageCommand>;

/** `package load`: a whole FHIR package in one transaction. Loading it again, or another version beside it, is possible. */
export function packageCommand(deps: PackageDeps) {
  return {
    name: 'package load',
    summary: 'Loads profiles, value sets, code systems, search parameters and model definitions from a FHIR package.',
    takes: ['place'],
    options: {
      'leave-out-invalid': {
        kind: 'flag',
        help: 'leave resources out that are not valid, and name them, instead of refusing the package',
      },
    },
    run: (input: PackageInput) => run(input, deps),
  } as const;
}

async function run(input: PackageInput, deps: PackageDeps): Promise<Result<void>> {
  try {
    const opened = await openPackage(input.arguments.place ?? '');
    const done = await input.store.transact(actor, async (tx) => {
      await deps.changed(tx);
      return ok(await loadAll(tx, opened, input, deps));
    });
    if (!done.ok) return done;
    for (const line of summary(opened, done.value)) input.print(line);
    return ok(undefined);
  } catch (fault) {
    // Thrown through the transaction, so that all of it is undone.
    if (fault instanceof BrokenFile) return fail('invalid', `${fault.message} Nothing was loaded.`);
    throw fault;
  }
}

interface Done {
  counts: Map<LoadedType, number>;
  /** One line each: what was left out, and why. */
  leftOut: string[];
  /** Resources of types that a server does not need to work by a guide: examples, pages, capability statements. */
  others: number;
}

async function loadAll(tx: Tx, opened: PackageReader, input: PackageInput, deps: PackageDeps): Promise<Done> {
  const done: Done = { counts: new Map(), leftOut: [], others: 0 };
  let read = 0;
  for await (const { path, resource } of opened.resources()) {
    read += 1;
    if (read % 100 === 0) input.progress(`${read} resources`);
    const { resourceType: type } = resource;
    if (!isLoaded(type) || !isWanted(resource)) {
      done.others += 1;
      continue;
    }
    const name = `${type} ${nameOf(resource, path)}`;
    const problem = problemOf(resource, deps) ?? (await loadOne(tx, { ...resource, resourceType: type }, input, deps));
    if (problem === undefined) done.counts.set(type, (done.counts.get(type) ?? 0) + 1);
    else if (problem.isExpected || input.flag('leave-out-invalid')) done.leftOut.push(`${name}: ${problem.text}`);
    else throw new BrokenFile(`${name}: ${problem.text}`);
  }
  return done;
}

/** Why a resource is not loaded. `isExpected`: that is no fault of the package. */
interface Problem {
  text: string;
  isExpected: boolean;
}

function problemOf(resource: Resource, { validate }: PackageDeps): Problem | undefined {
  const { resourceType, url, derivation } = resource;
  if (typeof url !== 'string') return { text: 'It has no url.', isExpected: false };
  if (resourceType === 'StructureDefinition' && derivation !== 'constraint') {
    return { text: 'It defines a type and is no profile: the types are those of R4.', isExpected: true };
  }
  const [issue] = validate(resource).filter(({ severity }) => severity === undefined || severity === 'error');
  return issue && { text: `${issue.text} (${issue.expression?.join(', ') ?? resourceType})`, isExpected: false };
}

/** Writes a resource over the one of the same canonical URL and version, or as a new one. */
async function loadOne(
  tx: Tx,
  resource: Resource & { resourceType: LoadedType },
  input: PackageInput,
  { find }: PackageDeps,
): Promise<Problem | undefined> {
  const { resourceType: type, url, version } = resource;
  const asked = { url: String(url), version: typeof version === 'string' ? version : '' };
  const kept = type === 'CodeSystem' ? await withConcepts(tx, resource, input) : resource;
  const before = type === 'Library' ? undefined : await find(tx, type, asked);
  const id = before ?? stableId(type, asked.url, asked.version);
  const written = await tx.update({ ...kept, id });
  if (written.ok) return undefined;
  // What the server cannot search by, it can still be asked to keep out.
  return { text: written.error.issues[0]?.text ?? 'It was refused.', isExpected: type === 'SearchParameter' };
}

async function withConcepts(tx: Tx, resource: Resource, input: PackageInput): Promise<Resource> {
  // Its shape was checked.
  const codeSystem = plain(resource) as unknown as r4.CodeSystem & { resourceType: 'CodeSystem' };
  const count = await loadConcepts(tx, codeSystem, input);
  const { concept: _, ...rest } = resource;
  return count.inTables ? { ...rest, resourceType: 'CodeSystem', ...absent(count.concepts) } : resource;
}

/** Its canonical URL when that looks like one, else the name of the file. */
function nameOf({ url, version }: Resource, path: string): string {
  if (typeof url !== 'string' || !/^[\x21-\x7e]{1,500}$/.test(url)) return `in ${path.replace(/[^\x20-\x7e]/g, '?')}`;
  return typeof version === 'string' && /^[\x21-\x7e]{1,100}$/.test(version) ? `${url}|${version}` : url;
}

function summary({ manifest }: PackageReader, { counts, leftOut, others }: Done): string[] {
  const said = Object.entries(loaded).flatMap(([type, name]) => {
    const count = isLoaded(type) ? counts.get(type) : undefined;
    return count === undefined ? [] : [`${count} ${name}`];
  });
  const lines = [`Package ${manifest.name} ${manifest.version}: ${said.join(', ') || 'nothing to load'}.`];
  if (others > 0) lines.push(`  ${others} resources of other types were left out.`);
  for (const line of leftOut) lines.push(`  left out: ${line}`);
  if (manifest.dependencies.length > 0) lines.push(`  It builds on: ${manifest.dependencies.join(', ')}.`);
  return lines;
}
