import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import express from 'express';
import { secureHeaders } from '../../src/http/secure-headers.ts';

let origins: string[] = [];
let server: Server;
let url = '';

beforeAll(async () => {
  const app = express().use(secureHeaders(() => origins, true));
  app.use((_request, response) => {
    response.end();
  });
  server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
});

const policy = async () => (await fetch(url)).headers.get('content-security-policy');

test('nobody frames us until an EHR is known; then only it, and no longer than it is known', async () => {
  expect(await policy()).toContain("frame-ancestors 'self'");
  expect(await policy()).not.toContain('https://ehr.example');
  origins = ['https://ehr.example'];
  expect(await policy()).toContain("frame-ancestors 'self' https://ehr.example");
  origins = [];
  expect(await policy()).not.toContain('https://ehr.example');
});

test('every answer has the headers, not only the first (SC-023)', async () => {
  for (let asked = 0; asked < 2; asked++) {
    const { headers } = await fetch(url);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('strict-transport-security')).toContain('max-age=');
  }
});
