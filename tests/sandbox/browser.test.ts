import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { parseJson } from '../../src/fhir/json.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { listenSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import { chromiumPath, openBrowser, violations } from '../support/browser.ts';
import { bundleText } from './town.ts';

const whenThere = chromiumPath ? describe : describe.skip;

whenThere('the chart in a browser', () => {
  let app: Server;
  let sandbox: Sandbox & { url: string };
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    app = createServer((request, response) => {
      const url = `http://${request.headers.host}`;
      const links = [{ label: 'Open in the plan viewer', url: `${url}/launch`, type: 'smart' }];
      const card = {
        summary: 'Shared plan: 2 problems',
        detail: '- **Asthma**',
        indicator: 'info',
        source: { label: 'Plans' },
        links,
      };
      if (request.url?.startsWith('/cds')) response.end(JSON.stringify({ cards: [card] }));
      else response.setHeader('content-type', 'text/html').end(`<title>launched</title>${request.url?.slice(0, 8)}`);
    });
    await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
    sandbox = await listenSandbox({
      port: 0,
      hospitals: [{ id: 'lakeside', bundles: [parseJson(bundleText) as Resource] }],
      clients: [{ id: 'app', name: 'Viewer', scopes: 'launch', redirectUris: [], launchUrl: `${url}/launch` }],
      cdsServices: [`${url}/cds`],
    });
    browser = await openBrowser();
    // Lets the checker's script in; the pages themselves allow none.
    page = await (await browser.newContext({ bypassCSP: true })).newPage();
  });
  afterAll(async () => {
    await browser?.close();
    await sandbox?.close();
    await new Promise((resolve) => app.close(resolve));
  });

  test('has no accessibility violations, and leads by keyboard alone from the list into the app', async () => {
    await page.goto(`${sandbox.url}/ehr/lakeside/`);
    expect(await violations(page)).toEqual([]);
    await page.getByRole('link', { name: 'Ada Testwell' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Ada Testwell' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Open in the plan viewer' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/launch\?iss=.*&launch=/);
    expect(await page.title()).toBe('launched');
  });
});
