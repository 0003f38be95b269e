import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import type { Browser, BrowserContext, Page, Request } from 'playwright-core';
import type { Resource } from '../../src/fhir/types.ts';
import { immunization } from '../measures/house.ts';
import { chromiumPath, openBrowser, violations } from '../support/browser.ts';
import { openTestHouse, type TestHouse } from '../support/house.ts';
import { settleTown } from './support/coordinator-town.ts';

/** The measures on the coordinator's page: a real browser, and the numbers that the API gives. */
const whenThere = chromiumPath ? describe : describe.skip;
const artifacts = join(import.meta.dirname, '..', '..', 'artifacts');
const password = 'four plain words together';
/** As the page in the browser beside us tells it. */
const thisYear = new Date().getFullYear();

/** Forty children who turn two this year: each fourth had measles, mumps and rubella vaccine. */
function children(): Resource[] {
  return Array.from({ length: 40 }, (_, n) => n).flatMap((n): Resource[] => [
    {
      ...{ resourceType: 'Patient', id: `two-${n}`, birthDate: `${thisYear - 2}-02-0${(n % 9) + 1}` },
      gender: n % 2 === 0 ? 'female' : 'male',
      name: [{ family: `Twoling-${n}`, given: ['Sam'] }],
    },
    ...(n % 4 === 0 ? [immunization(`mmr-${n}`, '03', `${thisYear - 1}-03-12`, `two-${n}`)] : []),
  ]);
}

whenThere('measures on the coordinator’s page', () => {
  let house: TestHouse;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const said: string[] = [];
  const requested: Request[] = [];

  beforeAll(async () => {
    house = await openTestHouse();
    await settleTown(house);
    const entry = children().map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    }));
    const { status, text } = await house.fhir('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
    if (status !== 200) throw new Error(text);
    browser = await openBrowser();
    context = await browser.newContext({ bypassCSP: true, viewport: { width: 1280, height: 900 } });
    page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(String(error)));
    const made = await house.command('user', 'add', 'delphine', '--link', 'Practitioner/delphine-rook');
    await page.goto(JSON.parse(made).enrolment_link);
    await page.getByLabel('New password').fill(password);
    await page.getByLabel('The same again').fill(password);
    await page.getByRole('button', { name: 'Go on' }).click();
    const key = String(await page.locator('code').first().textContent()).replaceAll(' ', '');
    await page.getByLabel('Code from the app').fill(new TOTP({ secret: Secret.fromBase32(key) }).generate());
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('link', { name: 'I have them' }).click();
    context.on('request', (request) => requested.push(request));
    await page.goto(`${house.url}/coordinator/`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'What waits' }).waitFor();
    said.length = 0;
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await house?.shut();
  });

  const go = (name: string) => page.getByRole('navigation').getByRole('button', { name, exact: true }).click();
  const rate = (name: RegExp) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) });
  async function sound(name: string): Promise<void> {
    expect(await violations(page)).toEqual([]);
    mkdirSync(artifacts, { recursive: true });
    await page.screenshot({ path: join(artifacts, `measures-${name}.png`), fullPage: true });
  }

  test('tells each rate with how many it is of and within which limits it may lie', async () => {
    await go('Measures');
    await page.getByRole('combobox', { name: 'Measure' }).selectOption('childhood-immunization-status');
    const mmr = rate(/^MMR/).first();
    await mmr.waitFor();
    const words = await mmr.textContent();
    expect(words).toMatch(/25\s%/);
    // Wilson: 10 of 40.
    expect(words).toMatch(/14\.2\s%\s–\s40\.2\s%/);
    expect(words).toMatch(/asked of: 40/);
    expect(words).toMatch(/met: 10/);
    await page.getByRole('combobox', { name: 'Rate' }).selectOption({ label: await labelOf('MMR:') });
    await page.locator('.trend').waitFor();
    expect(await page.locator('.trend li').count()).toBe(5);
    await page
      .getByText(/^By .*[Ss]ex/)
      .first()
      .click();
    await sound('rates');
  });

  async function labelOf(text: string): Promise<string> {
    const labels = await page.getByRole('combobox', { name: 'Rate' }).locator('option').allTextContents();
    return labels.find((label) => label.includes(text)) ?? '';
  }

  test('hides what is small in what may be published', async () => {
    await page.getByLabel(/As it may be published/).check();
    const mmr = rate(/^MMR/).first();
    await mmr.getByText('met: not shown').waitFor();
    expect(await mmr.textContent()).not.toMatch(/\d+(\.\d+)?\s%/);
    await sound('published');
  });

  test('is read on a narrow screen', async () => {
    await page.setViewportSize({ width: 320, height: 800 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
    await sound('narrow');
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  test('says of one child what is open, what was not found, and why', async () => {
    await page.getByLabel('Find a child by name').fill('Twoling-1');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByRole('search').getByRole('button', { name: 'Sam Twoling-1', exact: true }).click();
    await page.getByRole('heading', { name: 'Sam Twoling-1' }).waitFor();
    await go('Measures');
    const gap = page.locator('.gap').filter({ hasText: /^MMR/ }).first();
    await gap.waitFor();
    expect(await gap.textContent()).toMatch(/Not found in the record: Measles, mumps and rubella vaccines$/);
    await gap.getByRole('button', { name: /^Why/ }).click();
    await gap.getByText('asked of:').waitFor();
    expect(await gap.textContent()).toMatch(/met:\s*no/);
    await sound('child');
  });

  test('no address told of a child, and nothing was complained of', () => {
    expect(requested.map((request) => request.url()).filter((url) => /two-\d|Twoling|Patient/.test(url))).toEqual([]);
    expect(said.filter((line) => !/Download the React DevTools/.test(line))).toEqual([]);
  });
});
