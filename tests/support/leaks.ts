import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Names that tests give to people, search for, sign in with: nobody else uses them. */
const usedInTests = ['Quillfeather-Zzyzx', 'Percival%', 'four plain words together'];

/** What is secret whoever's it is. */
const secrets: readonly (readonly [string, RegExp])[] = [
  ['a token', /eyJ[\w-]{10,}\.eyJ[\w-]{10,}/],
  ['an Authorization header', /\b(Bearer|Basic) [\w.~+/-]{12,}/],
  ['a cookie of a session', /careweave_\w+=[\w-]{8,}/],
  ['a private key', /PRIVATE KEY-----|"d\\?" ?: ?\\?"[\w-]{20,}/],
  ['a secret of a form', /(code_verifier|client_secret|client_assertion|refresh_token|password)=[^&\s"]/],
  ['a query of a search', /\/fhir\/[A-Za-z]*\?[\w:.%-]+=/],
];

interface Person {
  name?: { family?: string; given?: string[] }[];
  identifier?: { value?: string }[];
  telecom?: { value?: string }[];
  address?: { line?: string[] }[];
}

/** What names the people of the fixtures: their family names, numbers, telephones and streets. */
export function personalTexts(fixtures: string): string[] {
  const found = new Set(usedInTests);
  for (const folder of ['children', 'ehr']) {
    for (const file of filesIn(join(fixtures, folder), '.json')) {
      const bundle: { entry?: { resource?: Person & { resourceType?: string } }[] } = JSON.parse(
        readFileSync(file, 'utf8'),
      );
      for (const { resource } of bundle.entry ?? []) {
        if (resource && /^(Patient|RelatedPerson)$/.test(resource.resourceType ?? '')) add(found, resource);
      }
    }
  }
  return [...found];
}

function add(found: Set<string>, { name = [], identifier = [], telecom = [], address = [] }: Person): void {
  const texts = [
    ...name.map(({ family }) => family),
    ...identifier.map(({ value }) => value),
    ...telecom.map(({ value }) => value),
    ...address.flatMap(({ line = [] }) => line),
  ];
  // A short one, or a few digits, could be part of anything.
  for (const text of texts) if (text !== undefined && text.length >= 6 && /\D|\d{9}/.test(text)) found.add(text);
}

/** Where something about a person or a secret was logged: the file, and what kind of thing, with the line that has it. */
export function findLeaks(directory: string, personal: readonly string[]): string[] {
  const leaks: string[] = [];
  for (const file of filesIn(directory, '.log')) {
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const kinds = [
        ...personal.filter((text) => line.includes(text)).map((text) => `“${text}”`),
        ...secrets.filter(([, pattern]) => pattern.test(line)).map(([kind]) => kind),
      ];
      if (kinds.length > 0) leaks.push(`${kinds.join(', ')} in ${line.slice(0, 300)}`);
    }
  }
  return leaks;
}

function filesIn(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name));
}
