import { access } from 'node:fs/promises';
import { fail, type Issue, ok, type Result } from '../../base/errors.ts';
import { stableId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Store, Tx } from '../../store/types.ts';
import type { FindResource } from '../library.ts';
import { conceptsOf, propertyTypes } from '../systems/from-resource.ts';
import { memorySystem } from '../systems/memory-system.ts';
import { cvx } from './cvx.ts';
import { readFhirFile, type TerminologyResource } from './fhir-file.ts';
import { icd10cm } from './icd10cm.ts';
import { loinc } from './loinc.ts';
import type { LoadedConcept, Release } from './release.ts';
import { BrokenFile, textOf } from './text-file.ts';
import { dropSystem, replaceSystem, type SystemAbout } from './write-system.ts';

const releases: ReadonlyMap<string, Release> = new Map(Object.entries({ cvx, icd10cm, loinc }));
const actor = { kind: 'system', id: 'terminology', requestId: 'terminology load' } as const;

/** What this room's command uses of the house's `CommandInput`. */
export interface LoadInput {
  arguments: Readonly<Record<string, string>>;
  text(option: string): string | undefined;
  store: Store;
  print(line: string): void;
  progress(line: string): void;
}

export interface LoadDeps {
  validate(resource: Resource): Issue[];
  find: FindResource;
  /** Says that the transaction changes what is in the concept tables. */
  changed(tx: Tx): Promise<void>;
}

export type LoadCommand = ReturnType<typeof loadCommand>;

/** `terminology load`: one file in one transaction, so that a broken file loads nothing. Loading a version again replaces it. */
export function loadCommand(deps: LoadDeps) {
  return {
    name: 'terminology load',
    summary: 'Loads code systems, value sets and concept maps from a file.',
    takes: ['file'],
    options: {
      format: { kind: 'text', help: 'fhir (default), cvx, icd10cm (order file) or loinc (Loinc.csv)' },
      version: { kind: 'text', help: 'the version of the release; needed for all but fhir' },
      system: { kind: 'text', help: 'another canonical URL for the code system' },
    },
    run: (input: LoadInput) => run(input, deps),
  } as const;
}

async function run(input: LoadInput, deps: LoadDeps): Promise<Result<void>> {
  const file = input.arguments.file ?? '';
  const format = input.text('format') ?? 'fhir';
  const release = releases.get(format);
  if (!release && format !== 'fhir') return fail('invalid', 'The format is one of fhir, cvx, icd10cm, loinc.');
  const version = input.text('version');
  if (release && version === undefined) return fail('invalid', 'Say which version the file is, with --version.');
  if (!release && (version !== undefined || input.text('system') !== undefined)) {
    return fail('invalid', 'A FHIR file says its systems and versions itself: leave --system and --version away.');
  }
  const readable = await access(file).then(
    () => true,
    () => false,
  );
  if (!readable) return fail('not-found', 'The file cannot be read.');
  try {
    const loaded = await input.store.transact(actor, async (tx) => {
      await deps.changed(tx);
      const lines = release
        ? [await loadRelease(tx, file, release, version ?? '', input, deps)]
        : await loadResources(tx, file, input, deps);
      return ok(lines);
    });
    if (!loaded.ok) return loaded;
    for (const line of loaded.value) input.print(line);
    return ok(undefined);
  } catch (fault) {
    // Thrown through the transaction, so that all of it is undone.
    if (fault instanceof BrokenFile) return fail('invalid', `${fault.message} Nothing was loaded.`);
    throw fault;
  }
}

async function loadRelease(
  tx: Tx,
  file: string,
  release: Release,
  version: string,
  input: LoadInput,
  deps: LoadDeps,
): Promise<string> {
  const url = input.text('system') ?? release.system;
  const about: SystemAbout = { url, version, name: release.name, properties: release.properties };
  const count = await replaceSystem(tx, about, release.concepts(textOf(file)), (done) =>
    input.progress(`${done} concepts`),
  );
  const name = release.name.replace(/\W/g, '');
  await writeResource(tx, { resourceType: 'CodeSystem', url, version, name, status: 'active', ...absent(count) }, deps);
  return `${url} version ${version}: ${count} concepts`;
}

/** What a CodeSystem resource says whose concepts are in the tables. */
export function absent(count: number) {
  return { content: 'not-present', count };
}

async function loadResources(tx: Tx, file: string, input: LoadInput, deps: LoadDeps): Promise<string[]> {
  const lines: string[] = [];
  for (const { resource, plain } of await readFhirFile(file, deps.validate)) {
    const { url = '', version = '' } = plain;
    const count = plain.resourceType === 'CodeSystem' ? await loadConcepts(tx, plain, input) : undefined;
    const { concept: _, ...rest } = resource;
    const kept = count?.inTables ? { ...rest, ...absent(count.concepts) } : resource;
    await writeResource(tx, { ...kept, resourceType: plain.resourceType }, deps);
    const said = count ? `: ${count.concepts} concepts` : '';
    lines.push(`${plain.resourceType} ${url}${version === '' ? '' : ` version ${version}`}${said}`);
    input.progress(`${lines.length} resources`);
  }
  return lines;
}

/** A large whole code system goes to the tables; others stay as they are, in the store. */
export async function loadConcepts(
  tx: Tx,
  codeSystem: TerminologyResource & { resourceType: 'CodeSystem' },
  input: Pick<LoadInput, 'progress'>,
) {
  // A stub says nothing of what may be loaded of the system already.
  if (codeSystem.content === 'not-present') return { inTables: false, concepts: codeSystem.count ?? 0 };
  const concepts = conceptsOf(codeSystem);
  const { url = '', version = '', title, name } = codeSystem;
  const inTables = codeSystem.content === 'complete' && concepts.length > limits.terminology.resourceConcepts;
  if (!inTables) {
    await dropSystem(tx, url, version);
    return { inTables, concepts: concepts.length };
  }
  const properties = propertyTypes(codeSystem, concepts);
  const { ancestors } = memorySystem({ url, complete: true, properties }, concepts);
  async function* rows(): AsyncGenerator<LoadedConcept> {
    for (const concept of concepts) yield { ...concept, ancestors: [...(await ancestors(concept.code))] };
  }
  const about: SystemAbout = { url, version, properties: Object.fromEntries(properties) };
  const called = title ?? name;
  if (called !== undefined) about.name = called;
  await replaceSystem(tx, about, rows(), (done) => input.progress(`${done} concepts`));
  return { inTables, concepts: concepts.length };
}

/** Writes a resource over the one of the same canonical URL and version, or as a new one. */
async function writeResource(
  tx: Tx,
  resource: Resource & { resourceType: TerminologyResource['resourceType'] },
  { find }: LoadDeps,
): Promise<void> {
  const { resourceType: type, url, version } = resource;
  const asked = { url: String(url), version: version === undefined ? '' : String(version) };
  const id = (await find(tx, type, asked)) ?? stableId(type, asked.url, asked.version);
  const written = await tx.update({ ...resource, id });
  if (!written.ok) throw new BrokenFile(`${type} ${asked.url}: ${written.error.issues[0]?.text ?? 'refused'}`);
}
