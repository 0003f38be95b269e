import { existsSync, readFileSync } from 'node:fs';
import type { r4 } from '../fhir/types.ts';

/** Terminology that needs no loading, by canonical URL: the code systems and value sets that FHIR R4 itself publishes. */
export interface BuiltIn {
  codeSystem(url: string, version?: string): r4.CodeSystem | undefined;
  valueSet(url: string, version?: string): r4.ValueSet | undefined;
}

interface BuiltInFile {
  codeSystems: r4.CodeSystem[];
  valueSets: r4.ValueSet[];
}

/** Reads the file when something is first asked for, so that a server that never expands anything does without it. */
export function readBuiltIn(file: string): BuiltIn {
  let read:
    | { codeSystems: ReadonlyMap<string, r4.CodeSystem>; valueSets: ReadonlyMap<string, r4.ValueSet> }
    | undefined;
  const all = () => {
    read ??= indexOf(file);
    return read;
  };
  return {
    codeSystem: (url, version) => inVersion(all().codeSystems.get(url), version),
    valueSet: (url, version) => inVersion(all().valueSets.get(url), version),
  };
}

function indexOf(file: string) {
  // Ours, written by the build: its shape is taken on trust.
  const { codeSystems, valueSets }: BuiltInFile = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : { codeSystems: [], valueSets: [] };
  return {
    codeSystems: new Map(codeSystems.map((one) => [one.url ?? '', one])),
    valueSets: new Map(valueSets.map((one) => [one.url ?? '', one])),
  };
}

function inVersion<T extends { version?: string }>(found: T | undefined, version: string | undefined): T | undefined {
  return version === undefined || found?.version === version ? found : undefined;
}
