import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Translates every profiles/measures/<name>/logic.cql to ELM in build/measures/<name>.json: `{ sourceHash, elm, libraries }`, where
 * `libraries` holds the ELM of each library of profiles/measures/libraries/ that the logic includes, directly or not, by name.
 * An output whose `sourceHash` still fits is left alone. Any error of the translator fails the build (exit 1, file:line:column).
 * Run: node scripts/build-measures.ts [profiles folder] [build folder]
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const profilesDir = process.argv[2] ?? join(root, 'profiles/measures');
const buildDir = process.argv[3] ?? join(root, 'build/measures');

/** The shared libraries by name: `CareweaveCommon` is libraries/CareweaveCommon.cql. */
const librariesDir = join(profilesDir, 'libraries');
const librarySources = new Map(
  (existsSync(librariesDir) ? readdirSync(librariesDir) : [])
    .filter((file) => file.endsWith('.cql'))
    .sort()
    .map((file) => [file.slice(0, -'.cql'.length), readFileSync(join(librariesDir, file), 'utf8')]),
);

/** A library is what its first line says it is: another name or version than the `include` asks for is not it. */
function librarySource(name: string, version: string | undefined): string | undefined {
  const cql = librarySources.get(name);
  const declared = cql && /^library\s+(\w+)\s+version\s+'([^']+)'/m.exec(cql);
  if (!declared || declared[1] !== name) return undefined;
  return version === undefined || version === declared[2] ? cql : undefined;
}

/** Names of the libraries that the text includes, through the libraries, without repeats, sorted. */
function includedLibraries(cql: string, found = new Set<string>()): string[] {
  for (const [, name = ''] of cql.matchAll(/^include\s+(\w+)/gm)) {
    // FHIRHelpers is made by the translator and known to the engine.
    if (name === 'FHIRHelpers' || found.has(name)) continue;
    found.add(name);
    includedLibraries(librarySources.get(name) ?? '', found);
  }
  return [...found].sort();
}

function hashOf(cql: string): string {
  const translator = ['translate.ts', 'fhir-helpers.ts', 'ucum-service.ts'].map((file) =>
    readFileSync(join(root, 'src/measures', file), 'utf8'),
  );
  const version = readFileSync(
    createRequire(import.meta.url)
      .resolve('@cqframework/cql/cql')
      .replace(/[^/\\]+$/, 'package.json'),
    'utf8',
  );
  const libraries = includedLibraries(cql).map((name) => librarySources.get(name) ?? '');
  return createHash('sha256')
    .update(JSON.stringify(['includes', translator, version, cql, libraries]))
    .digest('hex');
}

function isUpToDate(output: string, sourceHash: string): boolean {
  if (!existsSync(output)) return false;
  try {
    return JSON.parse(readFileSync(output, 'utf8')).sourceHash === sourceHash;
  } catch {
    return false;
  }
}

const waiting = readdirSync(profilesDir)
  .sort()
  .map((name) => ({ name, source: join(profilesDir, name, 'logic.cql'), output: join(buildDir, `${name}.json`) }))
  .filter(({ source }) => existsSync(source))
  .map((measure) => ({ ...measure, cql: readFileSync(measure.source, 'utf8') }))
  .map((measure) => ({ ...measure, sourceHash: hashOf(measure.cql) }))
  .filter(({ output, sourceHash }) => !isUpToDate(output, sourceHash));

if (waiting.length > 0) {
  mkdirSync(buildDir, { recursive: true });
  const { createTranslator } = await import('../src/measures/translate.ts');
  const translate = createTranslator(librarySource);
  /** The ELM, or undefined when there was an error; every complaint is printed with its place. */
  const elmOf = (file: string, cql: string): unknown => {
    const { elm, problems } = translate(cql);
    for (const { severity, line, column, text } of problems)
      console.error(`${relative(process.cwd(), file)}:${line}:${column}: ${severity}: ${text}`);
    return problems.some(({ severity }) => severity === 'error') ? undefined : elm;
  };
  const libraryElm = new Map<string, unknown>();
  for (const name of new Set(waiting.flatMap(({ cql }) => includedLibraries(cql)))) {
    const cql = librarySources.get(name);
    if (cql !== undefined) libraryElm.set(name, elmOf(join(librariesDir, `${name}.cql`), cql));
  }
  for (const { source, output, cql, sourceHash } of waiting) {
    const elm = elmOf(source, cql);
    const libraries = includedLibraries(cql).map((name) => libraryElm.get(name));
    if (elm === undefined || libraries.includes(undefined)) {
      process.exitCode = 1;
      continue;
    }
    // Written aside and renamed, so that a build cut short leaves no half file behind.
    writeFileSync(`${output}.partial`, `${JSON.stringify({ sourceHash, elm, libraries })}\n`);
    renameSync(`${output}.partial`, output);
  }
}
