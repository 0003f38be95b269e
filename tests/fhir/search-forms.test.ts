import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { limits } from '../../src/base/limits.ts';
import { createExtractor } from '../../src/fhir/search/extract.ts';
import { parseSearch } from '../../src/fhir/search/parse.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { anyTokensOf, tokensOf } from '../../src/store/search/token.ts';
import { baseUrl, builtDefinitions } from './support/built.ts';

const definitions = builtDefinitions();
const extract = createExtractor(definitions, { baseUrl });

/** Whether the numbers that a search asks for are among those that the resource is indexed by; undefined: refused. */
function found(resource: Resource, name: string, value: string): boolean | undefined {
  const escaped = value.replace(/[,$\\]/g, '\\$&');
  const parsed = parseSearch(definitions, resource.resourceType, [[name, escaped]], { handling: 'strict', baseUrl });
  if (!parsed.ok) return undefined;
  const [filter] = parsed.value.query.filters;
  if (filter?.kind !== 'filter') throw new Error('not a filter');
  const tokens = new Set(tokensOf(resource.resourceType, extract(resource)));
  return filter.values.some((one) =>
    anyTokensOf(resource.resourceType, filter.param.code, one).some((t) => tokens.has(t)),
  );
}

const setOf = (url: string): Resource => ({ resourceType: 'ValueSet', url, status: 'active' });

/** The meaning in plain words: it continues the other behind a boundary. */
function isBelow(value: string, asked: string): boolean {
  if (value === asked) return true;
  if (!value.startsWith(asked)) return false;
  return asked.endsWith('/') || '/?#|'.includes(value.charAt(asked.length));
}

const host = fc.constantFrom(
  'http://a.example',
  'https://a.example',
  'http://a.example:80',
  'http://a.exampled',
  'ftp://a.example',
);
const url = fc
  .tuple(
    host,
    fc.array(fc.constantFrom('/', '/', '/x', '/xy', '?', '#', '|', 'x', '1', '😀', ' ', ',', '\\'), { maxLength: 6 }),
  )
  .map(([start, rest]) => start + rest.join(''));

describe('URLs above and below', () => {
  test('what has no authority is refused, and lies below nothing', () => {
    for (const asked of ['urn:oid:1.2', 'urn:uuid:7f7d7e50-0000-4000-8000-000000000001', 'http:', 'http://', '/x', 'x'])
      for (const modifier of ['above', 'below'])
        expect(found(setOf('http://a.example/x'), `url:${modifier}`, asked)).toBeUndefined();
    expect(found(setOf('urn:oid:1.2/3'), 'url:below', 'http://a.example/')).toBe(false);
  });

  test('a URL of more parts than are looked at is refused; as many are found', () => {
    const { maxBoundaries } = limits.search;
    const long = `http://a.example${'/x'.repeat(maxBoundaries - 1)}`;
    expect(found(setOf(`${long}/y/z`), 'url:below', long)).toBe(true);
    expect(found(setOf(long), 'url:above', `${long}`)).toBe(true);
    for (const modifier of ['above', 'below'])
      expect(found(setOf(long), `url:${modifier}`, `${long}/x`)).toBeUndefined();
  });

  test('a URL longer than is looked at is refused; of a longer one the beginning is found', () => {
    const { maxBoundedLength } = limits.search;
    const start = `http://a.example/${'x'.repeat(maxBoundedLength - 18)}`;
    expect(start.length).toBe(maxBoundedLength - 1);
    expect(found(setOf(`${start}/y/z`), 'url:below', start)).toBe(true);
    expect(found(setOf(`${start}y/z`), 'url:below', start)).toBe(false);
    for (const modifier of ['above', 'below'])
      expect(found(setOf(start), `url:${modifier}`, `${start}x`)).toBeUndefined();
  });

  test('as in the examples of R4', () => {
    const [below, above] = ['http://acme.org/fhir/', 'http://acme.org/fhir/ValueSet/123/_history/5'];
    expect(found(setOf('http://acme.org/fhir/ValueSet/123'), 'url:below', below)).toBe(true);
    expect(found(setOf('http://acme.org/fhirs'), 'url:below', below)).toBe(false);
    expect(found(setOf(above), 'url:above', above)).toBe(true);
    expect(found(setOf('http://acme.org/fhir/ValueSet/123'), 'url:above', above)).toBe(true);
    expect(found(setOf('http://acme.org/fhir/ValueSet/12'), 'url:above', above)).toBe(false);
  });

  test('agree with the meaning in plain words, and are each other’s reverse', () => {
    let hits = 0;
    fc.assert(
      fc.property(url, url, fc.nat(3), (value, other, cut) => {
        // Often a beginning of the value.
        const asked = cut === 0 ? other : value.slice(0, Math.max(16, value.length - cut));
        const below = found(setOf(value), 'url:below', asked);
        if (below === undefined) return;
        expect(below).toBe(isBelow(value, asked));
        const above = found(setOf(asked), 'url:above', value);
        expect(above).toBe(below);
        hits += below ? 1 : 0;
      }),
      { numRuns: 2000, seed: 7 },
    );
    expect(hits).toBeGreaterThan(200);
  });
});

describe('canonical versions', () => {
  const plan = (canonical: string): Resource => ({ resourceType: 'CarePlan', instantiatesCanonical: [canonical] });
  test('below agrees with the meaning in plain words', () => {
    const version = fc
      .array(fc.constantFrom('1', '10', '2', '.', '.', '-', 'a'), { maxLength: 5 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        fc.constantFrom('http://p.example/a', 'http://p.example/a.b', 'urn:oid:1.2'),
        version,
        version,
        (base, of, asked) => {
          fc.pre(asked !== '');
          const expected = of === asked || of.startsWith(`${asked}.`) || of.startsWith(`${asked}-`);
          expect(found(plan(`${base}|${of}`), 'instantiates-canonical:below', `${base}|${asked}`)).toBe(expected);
          expect(found(plan(`${base}|${of}`), 'instantiates-canonical:below', base)).toBe(true);
        },
      ),
      { numRuns: 500, seed: 7 },
    );
  });

  test('url=url|version of a resource that has both', () => {
    const versioned: Resource = {
      resourceType: 'ValueSet',
      url: 'http://a.example/x',
      version: '1.0',
      status: 'active',
    };
    expect(found(versioned, 'url', 'http://a.example/x|1.0')).toBe(true);
    expect(found(versioned, 'url', 'http://a.example/x|1')).toBe(false);
    expect(found(versioned, 'url', 'http://a.example/x')).toBe(true);
    expect(found(setOf('http://a.example/x'), 'url', 'http://a.example/x|')).toBe(false);
  });
});

describe('identifiers of a type', () => {
  const part = fc.constantFrom('a', 'b', 'a|b', 'a,b', '', 'c');
  const patient = (codings: object[], value: string): Resource => ({
    resourceType: 'Patient',
    identifier: [{ type: { coding: codings }, ...(value === '' ? {} : { value }) }],
  });
  test('match when one coding has system and code, and the value is the same', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ system: part, code: part }), { maxLength: 3 }),
        part,
        part,
        part,
        part,
        (codings, value, s, c, v) => {
          const asked = [s, c, v].map((text) => text.replace(/[,|]/g, '\\$&')).join('|');
          const parsed = parseSearch(definitions, 'Patient', [['identifier:of-type', asked]], {
            handling: 'strict',
            baseUrl,
          });
          expect(parsed.ok).toBe(s !== '' && c !== '' && v !== '');
          if (!parsed.ok) return;
          const [filter] = parsed.value.query.filters;
          const tokens = tokensOf('Patient', extract(patient(codings, value)));
          const asks =
            filter?.kind === 'filter' ? filter.values.flatMap((one) => anyTokensOf('Patient', 'identifier', one)) : [];
          const expected = value === v && codings.some(({ system, code }) => system === s && code === c);
          expect(asks.some((token) => tokens.includes(token))).toBe(expected);
        },
      ),
      { numRuns: 1000, seed: 7 },
    );
  });
});
