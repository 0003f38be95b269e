import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';

/** TH-01: whatever leaves the house goes by `guarded-fetch.ts`. Said of the sources, so that the next one does too. */
const root = join(import.meta.dirname, '..', '..', 'src');
const sources = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name))
  .map((path) => ({ path: relative(root, path), text: withoutComments(readFileSync(path, 'utf8')) }))
  // A browser page, and a hospital of our own to try things against: neither runs in the server.
  .filter(({ path }) => !/^(web|sandbox)\//.test(path));

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

const using = (pattern: RegExp) => sources.flatMap(({ path, text }) => (pattern.test(text) ? [path] : [])).sort();

/** What can open a connection, and where it may be named. Types are no connection. */
const waysOut: [library: string, homes: string[]][] = [
  ['undici', ['base/guarded-fetch.ts']],
  ['node:dns(/promises)?', ['base/guarded-fetch.ts']],
  ['node:tls', []],
  ['node:http2', []],
  ['node:dgram', []],
  ['node:https', []],
  ['(axios|got|node-fetch|ws|nodemailer|superagent|eventsource)', []],
];

describe('TH-01: nothing but the guarded fetch leaves the house', () => {
  test.each(waysOut)('%s', (library, homes) => {
    const imports = new RegExp(`(?:^import (?!type )[^;]*from|import\\(|require\\()\\s*'${library}'`, 'm');
    expect(using(imports)).toEqual(homes);
  });

  test('the server’s own fetch, and connections made by hand', () => {
    expect(using(/\bglobalThis\.fetch\b|new (WebSocket|EventSource|XMLHttpRequest)\b|navigator\.sendBeacon/)).toEqual(
      [],
    );
    // Where a function is called `fetch`, it is one that was handed in, and of the guarded kind.
    const calls = sources.filter(({ text }) => /(?<![.\w])fetch\s*\(/.test(text));
    const unguarded = calls.filter(
      ({ text }) => !/\bfetch[:,][^;]*GuardedFetch|GuardedFetch[^;]*\bfetch\b/s.test(text),
    );
    expect(unguarded.map(({ path }) => path)).toEqual([]);
    // `request` and `get` of node:http, and sockets.
    expect(using(/\bhttps?\.(request|get)\(|import \{[^}]*\b(request|get)\b[^}]*\} from 'node:http'/)).toEqual([]);
    expect(using(/import (?!type )\{[^}]*\b(connect|createConnection|Socket)\b[^}]*\} from 'node:net'/)).toEqual(
      socketsThatStay,
    );
  });

  test('a library that fetches by itself is given the guarded fetch', () => {
    for (const { path, text } of sources.filter((one) => /from 'openid-client'/.test(one.text)))
      expect([path, /customFetch/.test(text)]).toEqual([path, true]);
    for (const { path, text } of sources.filter((one) => /from 'fhir-kit-client'/.test(one.text)))
      expect([path, /\bfetch\b|GuardedFetch/.test(text)]).toEqual([path, true]);
  });

  test('the search sees what it is to find', () => {
    const imports = /(?:^import (?!type )[^;]*from|import\(|require\()\s*'undici'/m;
    expect(imports.test("import { fetch } from 'undici';")).toBe(true);
    expect(imports.test("import type { Response } from 'undici';")).toBe(false);
    expect(sources.length).toBeGreaterThan(300);
  });
});

/** A socket that is never connected, and looking whether a port of this machine is taken. */
const socketsThatStay = ['http/secure-headers.ts', 'ops/port.ts'];
