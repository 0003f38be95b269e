import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { stringifyJson } from '../../src/fhir/json.ts';
import { startHttp, type TestHttp } from '../support/http.ts';
import { awkward } from './awkward.ts';
import { canonical, firstDifference } from './compare.ts';
import {
  definitionExamples,
  type Example,
  fixtureBundles,
  isJson,
  type Json,
  ownExamples,
  readExact,
} from './sources.ts';

const everything = process.env.LOSSLESS === 'all';
jest.setTimeout(everything ? 3_600_000 : 180_000);
const perFamily = 10;

let http: TestHttp;
beforeAll(async () => {
  http = await startHttp();
});
afterAll(() => http.close());

/** Sends a resource and reads it: undefined when it came back the same, else what the difference is, or why it was refused. */
async function roundTrip({ type, id, value }: Omit<Example, 'from'>): Promise<{ refused?: string; differs?: string }> {
  const isLegal = id !== undefined && /^[A-Za-z0-9\-.]{1,64}$/.test(id);
  const sent = await http.send(isLegal ? 'PUT' : 'POST', isLegal ? `/fhir/${type}/${id}` : `/fhir/${type}`, {
    text: JSON.stringify(isLegal ? value : { ...value, id: undefined }),
  });
  if (sent.status >= 400) return { refused: reasonsOf(sent.json).join(' | ') };
  const read = await http.send('GET', `/fhir/${type}/${isLegal ? id : sent.json.id}`);
  if (read.status !== 200) return { differs: `read: ${read.status}` };
  const [before, after] = [canonical(value), canonical(readExact(read.text) as Json)];
  return before === after ? {} : { differs: firstDifference(before, after) };
}

const isListed = (refused: string, known: readonly RegExp[]) =>
  refused.split(' | ').every((reason) => known.some((one) => one.test(reason)));

function reasonsOf(outcome: { issue: { severity: string; diagnostics: string; expression?: string[] }[] }): string[] {
  const errors = outcome.issue.filter(({ severity }) => severity === 'error');
  return [
    ...new Set(
      errors.map(({ diagnostics, expression }) => `${diagnostics} (${expression?.[0]?.replace(/\[\d+\]/g, '')})`),
    ),
  ];
}

/** Evenly over a family: its first and last are not all there is. */
function sampled<T>(items: readonly T[]): T[] {
  if (everything || items.length <= perFamily) return [...items];
  return Array.from({ length: perFamily }, (_, place) => items[Math.floor((place * items.length) / perFamily)]).filter(
    (item) => item !== undefined,
  );
}

/** Why published resources are refused: each of these is against R4 itself, though somebody has published it. */
const knownRefusals: RegExp[] = [
  // Written for a later version of FHIR, or for types that R4 does not have.
  /^This code is not in the value set that FHIR R4 requires here\. \((StructureDefinition\.fhirVersion|SearchParameter\.(base|target))\)$/,
  // A work group that came after R4.
  /^wg requires a code of the value set http:\/\/hl7\.org\/fhir\/ValueSet\/hl7-work-group here\. /,
];
/** Two made-up patient records of another package have an element in place of a list, and a time without seconds. */
const otherRefusals: RegExp[] = [
  /^A list was expected\. \(Condition\.category\)$/,
  /^This is no valid time\. \(Observation\.value\.ofType\(time\)\)$/,
];

describe('comes back as it was sent:', () => {
  test("the definitions' own resources", async () => {
    const differing: string[] = [];
    const refused = new Map<string, string[]>();
    let same = 0;
    for (const examples of definitionExamples(everything).values()) {
      for (const example of sampled(examples)) {
        const { refused: reason, differs } = await roundTrip(example);
        if (differs) differing.push(`${example.from}: ${differs}`);
        else if (reason) refused.set(reason, [...(refused.get(reason) ?? []), example.from]);
        else same += 1;
      }
    }
    if (process.env.LOSSLESS_REPORT)
      process.stderr.write(
        `${same} same\n${[...refused].map(([why, who]) => `${who.length} ${why}: ${who[0]}`).join('\n')}\n`,
      );
    expect(differing).toEqual([]);
    const unknown = [...refused].filter(([reason]) => !isListed(reason, knownRefusals));
    expect(unknown.map(([reason, who]) => `${reason}: ${who.length}, ${who[0]}`)).toEqual([]);
    expect(same).toBeGreaterThan(everything ? 11_000 : 150);
  });

  test('our profiles and the examples of other packages', async () => {
    const examples = ownExamples();
    expect(examples.length).toBeGreaterThan(100);
    const unknown: string[] = [];
    for (const example of examples.filter((_, place) => everything || place % 5 === 0)) {
      const { refused, differs } = await roundTrip(example);
      const isKnown = refused === undefined || isListed(refused, otherRefusals);
      if (!isKnown || differs !== undefined) unknown.push(`${example.from} ${example.type}: ${refused ?? differs}`);
    }
    expect(unknown).toEqual([]);
  });

  test.each(Object.entries(awkward))('%s', async (_name, text) => {
    const value = readExact(text) as Json;
    expect(await roundTrip({ type: String(value.resourceType), value })).toEqual({});
  });

  test('our fixtures, sent as the transactions they are', async () => {
    const bundles = fixtureBundles();
    let compared = 0;
    for (const { from, bundle } of everything ? bundles : sampled(bundles)) {
      const answer = await http.send('POST', '/fhir', { text: stringifyJson(bundle) });
      expect([from, answer.status, answer.status === 200 ? '' : reasonsOf(answer.json)]).toEqual([from, 200, '']);
      const entries = (bundle.entry as Json[]).map((entry, place) => ({
        fullUrl: String(entry.fullUrl),
        resource: entry.resource,
        location: String(answer.json.entry[place].response.location).replace(
          /^.*\/([^/]+\/[^/]+)\/_history\/.*$/,
          '$1',
        ),
      }));
      const located = new Map(entries.map(({ fullUrl, location }) => [fullUrl, location]));
      for (const { resource, location } of entries) {
        if (!isJson(resource)) continue;
        const read = await http.send('GET', `/fhir/${location}`);
        const [before, after] = [canonical(linked(resource, located) as Json), canonical(readExact(read.text) as Json)];
        expect([location, before === after ? '' : firstDifference(before, after)]).toEqual([location, '']);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(50);
  });
});

/** The resource with its references as the server has to have turned them. */
function linked(value: unknown, located: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => linked(item, located));
  if (!isJson(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === 'reference' && typeof item === 'string' ? (located.get(item) ?? item) : linked(item, located),
    ]),
  );
}
