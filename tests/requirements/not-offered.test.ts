import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestHouse, type TestHouse } from '../support/house.ts';

/**
 * What requirements about exports, GraphQL, subscriptions and reminders rest on as long as there are none: they are not there, whatever is asked.
 * Whoever adds one meets these tests, and the requirements behind them.
 */
const root = join(import.meta.dirname, '..', '..');
let house: TestHouse;
beforeAll(async () => {
  house = await openTestHouse();
}, 60_000);
afterAll(() => house.shut());

describe('ways out that are not there', () => {
  test('TH-29 PP-45 neither $export, $graphql nor $expunge answers, at any level, nor is listed', async () => {
    for (const name of ['export', 'graphql', 'expunge'])
      for (const place of ['', '/Patient', '/Group/1', '/Patient/1'])
        for (const method of ['GET', 'POST']) {
          const body = method === 'POST' ? { resourceType: 'Parameters' } : undefined;
          const { status } = await house.fhir(method, `${place}/$${name}`, body);
          expect([method, place, name, [400, 404, 405].includes(status)]).toEqual([method, place, name, true]);
        }
    const { json } = await house.fhir('GET', '/metadata');
    const listed = JSON.stringify([
      json.rest[0].operation,
      json.rest[0].resource.map(({ operation }: any) => operation),
    ]);
    expect(listed).toContain('everything');
    expect(listed).not.toMatch(/"(export|graphql|expunge)"/);
    expect(JSON.stringify(json.instantiates ?? [])).not.toContain('bulk-data');
  });

  test('PP-45 a Subscription that somebody writes sends nothing to nobody', async () => {
    const asked: string[] = [];
    const receiver = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end();
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const { port } = receiver.address() as { port: number };
    const endpoint = `http://127.0.0.1:${port}/told`;
    const channel = { type: 'rest-hook', endpoint, payload: 'application/fhir+json' };
    const subscription = { resourceType: 'Subscription', status: 'active', reason: 'r', criteria: 'Patient?', channel };
    const made = await house.fhir('POST', '/Subscription', subscription);
    expect([201, 400, 405, 422]).toContain(made.status);
    expect((await house.fhir('POST', '/Patient', { resourceType: 'Patient', active: true })).status).toBe(201);
    await house.worker.drain();
    expect(asked).toEqual([]);
    await new Promise((resolve) => receiver.close(resolve));
  });
});

describe('who this server writes to', () => {
  /** Rooms that go out, all of them by the guarded fetch, and to whom. */
  const reasons: Record<string, string> = {
    'src/auth': 'apps’ keys, a hospital’s sign-on and its launches',
    'src/ehr': 'the configured hospitals',
    'src/sandbox': 'the sandbox EHR, which is none of this server',
  };

  test('PP-06 PP-49 the house has no way to send mail, a text, a push message or a calendar to anybody', () => {
    const found = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true });
    const all = found.filter((entry) => entry.isFile() && entry.name.endsWith('.ts'));
    const files = all
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter((path) => !/\/src\/web\//.test(path));
    expect(files.length).toBeGreaterThan(500);
    const text = (path: string) => readFileSync(path, 'utf8');
    const goesOut = files.filter((path) =>
      /node:(tls|dgram|https|http2)'|globalThis\.fetch|[^.\w]fetch\(/.test(text(path)),
    );
    const places = goesOut.map((path) => relative(root, path));
    expect(
      places.filter(
        (path) =>
          !Object.keys(reasons).some((room) => path.startsWith(`${room}/`)) && path !== 'src/base/guarded-fetch.ts',
      ),
    ).toEqual([]);
    const words = /text\/calendar|\bsmtp|nodemailer|sendgrid|twilio|web-push|\bfcm\b/i;
    expect(files.filter((path) => words.test(text(path))).map((path) => relative(root, path))).toEqual([]);
    const { dependencies } = JSON.parse(text(join(root, 'package.json')));
    expect(
      Object.keys(dependencies).filter((name) => /mail|smtp|twilio|push|ical|\bics\b|amqp|kafka|mqtt/.test(name)),
    ).toEqual([]);
  });
});
