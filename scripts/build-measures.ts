import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Translates every profiles/measures/<name>/logic.cql to ELM in build/measures/<name>.json: `{ sourceHash, elm }`.
 * An output whose `sourceHash` still fits is left alone. Any error of the translator fails the build (exit 1, file:line:column).
 * Run: node scripts/build-measures.ts [profiles folder] [build folder]
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const profilesDir = process.argv[2] ?? join(root, 'profiles/measures');
const buildDir = process.argv[3] ?? join(root, 'build/measures');

function hashOf(cql: string): string {
  const translator = readFileSync(join(root, 'src/measures/translate.ts'), 'utf8');
  const version = readFileSync(
    createRequire(import.meta.url)
      .resolve('@cqframework/cql/cql')
      .replace(/[^/\\]+$/, 'package.json'),
    'utf8',
  );
  return createHash('sha256')
    .update(JSON.stringify([translator, version, cql]))
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
  const translate = createTranslator();
  for (const { source, output, cql, sourceHash } of waiting) {
    const { elm, problems } = translate(cql);
    for (const { severity, line, column, text } of problems) {
      console.error(`${relative(process.cwd(), source)}:${line}:${column}: ${severity}: ${text}`);
      if (severity === 'error') process.exitCode = 1;
    }
    if (problems.some(({ severity }) => severity === 'error')) continue;
    // Written aside and renamed, so that a build cut short leaves no half file behind.
    writeFileSync(`${output}.partial`, `${JSON.stringify({ sourceHash, elm })}\n`);
    renameSync(`${output}.partial`, output);
  }
}
