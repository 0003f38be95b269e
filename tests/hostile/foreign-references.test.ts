import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestHouse, type TestHouse } from '../support/house.ts';

/** A server elsewhere, which nobody has told us to ask. Addresses on this machine are allowed here, so nothing but the will is missing. */
let elsewhere: Server;
let base: string;
const asked: string[] = [];
let house: TestHouse;
beforeAll(async () => {
  elsewhere = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.setHeader('content-type', 'application/fhir+json').end('{"resourceType":"Patient","id":"x"}');
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/fhir`;
  house = await openTestHouse();
});
afterAll(async () => {
  await house?.shut();
  elsewhere.closeAllConnections();
  await new Promise((resolve) => elsewhere.close(resolve));
});

const observation = () => ({
  resourceType: 'Observation',
  id: 'foreign',
  meta: { source: `${base}/source` },
  status: 'final',
  code: { coding: [{ system: `${base}/CodeSystem/x`, code: 'a' }] },
  subject: { reference: `${base}/Patient/x` },
  focus: [{ reference: `${base}/Patient/y` }],
  derivedFrom: [{ reference: `${base}/DocumentReference/d` }],
});

test('TH-03: nothing that a resource, a search or an operation refers to is fetched', async () => {
  const statuses = [
    await house.fhir('PUT', '/Observation/foreign', observation()),
    await house.fhir('PUT', '/DocumentReference/foreign', {
      resourceType: 'DocumentReference',
      id: 'foreign',
      status: 'current',
      content: [{ attachment: { contentType: 'text/plain', url: `${base}/Binary/b` } }],
    }),
    await house.fhir('PUT', '/Endpoint/foreign', {
      resourceType: 'Endpoint',
      id: 'foreign',
      status: 'active',
      connectionType: { code: 'hl7-fhir-rest' },
      payloadType: [{ text: 'x' }],
      address: base,
    }),
    await house.fhir('PUT', '/Subscription/foreign', {
      resourceType: 'Subscription',
      id: 'foreign',
      status: 'requested',
      reason: 'x',
      criteria: 'Observation?code=x',
      channel: { type: 'rest-hook', endpoint: `${base}/hook` },
    }),
    await house.fhir('POST', '', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          fullUrl: `${base}/Observation/1`,
          resource: { ...observation(), id: undefined },
          request: { method: 'POST', url: 'Observation' },
        },
      ],
    }),
  ].map(({ status }) => status);
  expect(statuses).toEqual([201, 201, 201, 201, 200]);
  for (const path of [
    `/Observation/foreign`,
    `/Observation?subject=${encodeURIComponent(`${base}/Patient/x`)}`,
    `/Observation?_include=Observation:subject&_include:iterate=Observation:focus`,
    `/Observation?_include=*`,
    `/Observation?subject:Patient.name=x`,
    `/Observation?code:in=${encodeURIComponent(`${base}/ValueSet/v`)}`,
    `/Observation?_profile=${encodeURIComponent(`${base}/StructureDefinition/p`)}`,
    `/DocumentReference?_id=foreign&_include=*`,
    `/ValueSet/$expand?url=${encodeURIComponent(`${base}/ValueSet/v`)}`,
    `/CodeSystem/$lookup?system=${encodeURIComponent(`${base}/CodeSystem/x`)}&code=a`,
  ])
    expect([path, (await house.fhir('GET', path)).status < 500]).toEqual([path, true]);
  for (const path of [
    `/Observation/$validate?profile=${encodeURIComponent(`${base}/StructureDefinition/p`)}`,
    `/Observation`,
  ]) {
    const body = { ...observation(), id: undefined, meta: { profile: [`${base}/StructureDefinition/p`] } };
    expect([path, (await house.fhir('POST', path, body)).status < 500]).toEqual([path, true]);
  }
  await house.worker.drain();
  expect(asked).toEqual([]);
});

test('TH-03: the server elsewhere would have noticed', async () => {
  expect((await fetch(`${base}/there`)).status).toBe(200);
  expect(asked.splice(0)).toEqual(['/fhir/there']);
});
