import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, Locator, Page, Request } from 'playwright-core';
import { planCategorySystem, sharedPlanCode } from '../../src/fhir/shared-plan.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { chromiumPath, openBrowser, violations } from '../support/browser.ts';
import { openTestHouse, type TestHouse } from '../support/house.ts';
import { loadTown, startHospitals, syncHospitals, textOf } from './support/clinic.ts';

/** The clinician page as a clinician meets it: a real browser, a hospital's chart, a whole Careweave, two demo hospitals in step with it. */
const whenThere = chromiumPath ? describe : describe.skip;
const root = join(import.meta.dirname, '..', '..');
const theo = 'Theodore Finn Larkspur';
const josie = 'Josephine Pearl Harrowgate';
const bram = 'Bram Holloway';
const unknown = { patient: 'zz-not-synced', practitioner: 'zz-not-known' };

whenThere('the clinician page', () => {
  let house: TestHouse;
  let sandbox: Sandbox & { url: string };
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let said: string[];
  let requested: Request[];

  beforeAll(async () => {
    house = await openTestHouse();
    sandbox = await startHospitals(house, {
      lakeside: ['theo-larkspur', 'josie-harrowgate', 'bram-holloway'],
      summit: ['josie-harrowgate'],
    });
    await loadChildren(house, sandbox);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await sandbox?.close();
    await house?.shut();
  });
  beforeEach(async () => {
    said = [];
    requested = [];
    // `bypassCSP` lets the checker's script in; so far west, a birth date taken for an instant would be the day before.
    const timezoneId = 'America/Los_Angeles';
    context = await browser.newContext({ bypassCSP: true, timezoneId, viewport: { width: 1200, height: 900 } });
    page = await context.newPage();
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(String(error)));
    context.on('request', (request) => requested.push(request));
  });
  afterEach(() => context?.close());

  const chart = () => sandbox.hospitals[0]?.root ?? '';
  const heading = (name: string | RegExp) => page.getByRole('heading', { name });
  const strand = (within: Locator, name: string) => within.locator('.strand', { has: heading(name) });
  const alert = () => page.getByRole('alert');

  /** From the list of patients through the card's button, by keyboard alone; where there is no card, through the list of apps. */
  async function launch(child: string, from = '.card'): Promise<void> {
    await page.goto(`${chart()}/`);
    await page.getByRole('link', { name: child }).focus();
    await page.keyboard.press('Enter');
    const button = page.locator(from).getByRole('button');
    await button.focus();
    await page.keyboard.press('Enter');
  }

  async function openPlan(child: string): Promise<void> {
    await launch(child);
    await heading('What matters to this family').waitFor();
  }

  /** The bytes of a request to Careweave's FHIR API; everything the page reads goes through it. */
  const answerFhir = (status: number) =>
    page.route(`${house.url}/fhir`, (route) => route.fulfill({ status, contentType: 'application/json', body: '{}' }));

  test('shows the plan by problem with words, people, states, sources and dates', async () => {
    await openPlan(theo);
    const banner = page.getByRole('region', { name: 'Child' });
    expect(await textOf(banner)).toMatch(new RegExp(`${theo}\\s+\\d+ (years|months).*born Mar 30, 2020.*male`));
    const family = page.getByRole('region', { name: 'What matters to this family' });
    expect(await family.locator('q').allInnerTexts()).toContain('I want to swim in the deep end.');
    expect(await textOf(family)).toContain(`Family: ${theo}, Oct 30, 2026`);
    const epilepsy = page.locator('details', { has: page.getByRole('heading', { level: 3, name: 'Epilepsy' }) });
    expect(await textOf(epilepsy)).toContain('Hospital: Dr. Elias Vantongeren, Lakeside Children’s Hospital');
    expect(await textOf(epilepsy)).toContain('No seizure longer than five minutes');
    expect(await textOf(strand(epilepsy, 'Referrals'))).toContain('On hold');
    const unlinked = page.getByRole('region', { name: 'Not linked to a problem' });
    expect(await textOf(strand(unlinked, 'Actions'))).toContain('Responsible: Tamsin Larkspur (mother)');
    const referral = await textOf(strand(unlinked, 'Referrals'));
    expect(referral).toMatch(/Under way\s+Responsible: Alder Falls School District · asked by Delphine Rook/);
    const lines = await page
      .locator(':not(.again) > details .lines > li:not(.computed), .family-goals li')
      .allInnerTexts();
    expect(lines.length).toBeGreaterThan(30);
    for (const line of lines) expect(line).toMatch(/(Family|Hospital|Careweave)\b[^\n]*, ([A-Z][a-z]{2} \d|no date)/);
    expect(await violations(page)).toEqual([]);
    const ids = await page.locator('[id]').evaluateAll((all) => all.map(({ id }) => id));
    expect(ids.filter((id, place) => ids.indexOf(id) !== place)).toEqual([]);
    mkdirSync(join(root, 'artifacts'), { recursive: true });
    await page.screenshot({ path: join(root, 'artifacts', 'clinician-page.png'), fullPage: true });
  });

  test('shows what two hospitals say side by side, and everyone once', async () => {
    await openPlan(josie);
    const problem = page.locator('details', { has: heading('Atopic dermatitis') });
    const sources = await problem.getByRole('list', { name: 'Recorded by' }).getByRole('listitem').allInnerTexts();
    expect(sources.map((text) => /(Lakeside|Summit)/.exec(text)?.[1])).toEqual(['Lakeside', 'Summit']);
    const names = await page.locator('.team > li > strong').allInnerTexts();
    expect(names.length).toBeGreaterThan(2);
    expect(new Set(names).size).toBe(names.length);
    const words = await textOf(page.getByRole('region', { name: 'Care plans of hospitals and practices' }));
    expect(words).toContain('Thick ointment after every bath');
  });

  test('says nothing about the child in addresses, title or console', async () => {
    await openPlan(theo);
    expect(page.url()).toBe(`${house.url}/clinician/`);
    expect(await page.title()).toBe('Shared plan of care');
    const urls = requested.map((request) => request.url()).filter((url) => url.startsWith(house.url));
    expect(urls.length).toBeGreaterThan(3);
    for (const url of urls) expect(decodeURIComponent(url)).not.toMatch(/larkspur|theo|2020-03-30|patient=|Patient\//);
    const origins = requested.map((request) => new URL(request.url())).filter(({ protocol }) => protocol !== 'data:');
    expect(new Set(origins.map(({ origin }) => origin))).toEqual(new Set([house.url, sandbox.url]));
    expect(said).toEqual([]);
  });

  test('works by keyboard: skip link, closed things, disclosure', async () => {
    await openPlan(theo);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the problems');
    expect((await page.getByRole('link', { name: 'Skip to the problems' }).boundingBox())?.x).toBeGreaterThanOrEqual(0);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    const problems = page.locator('#problems');
    const closed = problems.getByText('Learned to swim with a vest');
    expect(await closed.count()).toBe(0);
    expect(await problems.getByText('1 closed').count()).toBe(1);
    await page.keyboard.press('Space');
    await closed.waitFor();
    await page.keyboard.press('Tab');
    const summary = page.locator('summary').first();
    const outline = await summary.evaluate((element) => {
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      return [element === document.activeElement, outlineStyle, outlineWidth];
    });
    expect(outline).toEqual([true, 'solid', '3px']);
    await page.keyboard.press('Enter');
    await page.locator('#problems details:not([open])').waitFor();
  });

  test('fits frames from 320 pixels wide, with targets large enough', async () => {
    await openPlan(theo);
    for (const width of [320, 400, 600, 768, 1200]) {
      await page.setViewportSize({ width, height: 900 });
      const wider = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
      expect([width, wider]).toEqual([width, 0]);
      for (const target of await page.locator('main button, main summary, main label').all()) {
        const box = await target.boundingBox();
        expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(24);
      }
    }
  });

  test('prints whose plan it is and what is folded away, without controls', async () => {
    await openPlan(theo);
    await page.locator('summary').first().click();
    await page.emulateMedia({ media: 'print' });
    expect(await page.getByRole('region', { name: 'Child' }).isVisible()).toBe(true);
    const folded = page.locator('#problems').getByText('No seizure longer than five minutes');
    expect((await folded.boundingBox())?.height).toBeGreaterThan(0);
    expect(await page.getByRole('button').count()).toBe(0);
  });

  test('says that it is reading', async () => {
    let go = () => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    await page.route(`${house.url}/fhir`, async (route) => {
      await held;
      await route.continue();
    });
    const asked = page.waitForRequest(`${house.url}/fhir`);
    await launch(theo);
    await asked;
    await page.getByRole('status').filter({ hasText: 'Reading the shared plan…' }).waitFor();
    expect(await violations(page)).toEqual([]);
    go();
    await heading('Problems').waitFor();
  });

  test.each([
    [500, 'The plan could not be read completely', true],
    [403, 'You may not see this plan', false],
    [401, 'Your session has ended', false],
  ])('a failure with %i never looks like an empty plan', async (status, title, retry) => {
    await answerFhir(status);
    await launch(theo);
    await alert().waitFor();
    expect(await textOf(alert())).toContain(title);
    expect(await textOf(page.locator('body'))).not.toMatch(/no shared plan|no goal|nobody/i);
    expect(await violations(page)).toEqual([]);
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(retry ? 1 : 0);
    if (!retry) return;
    await page.unroute(`${house.url}/fhir`);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await heading('Epilepsy').waitFor();
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H1');
  });

  test('one part of the answer that failed fails the whole', async () => {
    await page.route(`${house.url}/fhir`, async (route) => {
      const answer = await route.fetch();
      const bundle = await answer.json();
      bundle.entry[2] = { response: { status: '503' } };
      await route.fulfill({ response: answer, json: bundle });
    });
    await launch(theo);
    await alert().waitFor();
    expect(await textOf(alert())).toContain('Nothing is shown rather than a part of it.');
  });

  test('a child without a shared plan gets a useful sentence, and it is plain who', async () => {
    await launch(bram, '.apps');
    await heading('No shared plan yet').waitFor();
    expect(await textOf(page.locator('main'))).toContain('A care coordinator can compose one');
    expect(await textOf(page.getByRole('region', { name: 'Child' }))).toContain(bram);
    expect(await violations(page)).toEqual([]);
  });

  test('a reload keeps the session, and another tab has none', async () => {
    await openPlan(theo);
    await page.reload();
    await heading('Epilepsy').waitFor();
    const other = await context.newPage();
    await other.goto(`${house.url}/clinician/`);
    expect(await textOf(other.getByRole('alert'))).toContain('Open this page from the patient’s chart');
  });

  test('a session that ends is said, on the page and after a reload', async () => {
    await page.clock.install();
    await openPlan(theo);
    await page.clock.fastForward('24:00:00');
    await page.getByRole('status').filter({ hasText: 'Your session has ended.' }).waitFor();
    expect(await page.getByRole('button', { name: 'Read again' }).count()).toBe(0);
    await page.reload();
    await alert().waitFor();
    expect(await textOf(alert())).toContain('Your session has ended');
  });

  test('a launch address works once; again it says what to do', async () => {
    await openPlan(theo);
    const launches = requested.map((request) => request.url()).filter((url) => /\/launch(\/callback)?\?/.test(url));
    const ours = launches.filter((url) => url.startsWith(house.url));
    expect(ours.map((url) => new URL(url).pathname)).toEqual(['/launch', '/launch/callback', '/clinician/launch']);
    for (const url of ours) {
      await page.goto(url);
      await page.getByRole('heading', { level: 1, name: /cannot be opened|not accepted/ }).waitFor();
      const text = await textOf(page.locator('main'));
      expect(text).toMatch(/open (Careweave|the plan) .*again|open the plan from your EHR again/i);
      expect(text).not.toContain('Larkspur');
    }
  });

  test('a patient unknown to Careweave gets a plain page without data', async () => {
    await page.goto(`${chart()}/patients/${unknown.patient}`);
    await page.getByRole('button', { name: /Launch Careweave/ }).click();
    await heading('This child is not in Careweave yet').waitFor();
    expect(await textOf(page.locator('body'))).not.toContain('Testwell');
    expect(await violations(page)).toEqual([]);
  });

  test('a user unknown to Careweave gets a plain page without data', async () => {
    const name = `clinician-${sandbox.hospitals[0]?.id}`;
    await context.addCookies([{ name, value: unknown.practitioner, url: chart() }]);
    await launch(theo);
    await heading('You are not in Careweave yet').waitFor();
    expect(await textOf(page.locator('body'))).not.toContain('Larkspur');
    expect(await violations(page)).toEqual([]);
  });
});

/** What Careweave holds itself, one goal that is reached, then both hospitals; last what it must not know. */
async function loadChildren(house: TestHouse, sandbox: Sandbox): Promise<void> {
  await loadTown(house, ['theo-larkspur', 'josie-harrowgate', 'bram-holloway']);
  const idOf = async (family: string) =>
    (await house.fhir('GET', `/Patient?family=${family}`)).json.entry[0].resource.id as string;
  const goal = await house.fhir('POST', '/Goal', {
    resourceType: 'Goal',
    lifecycleStatus: 'active',
    description: { text: 'Learned to swim with a vest' },
    subject: { reference: `Patient/${await idOf('Larkspur')}` },
  });
  expect(goal.status).toBe(201);
  await syncHospitals(house, sandbox);
  const reached = { ...goal.json, lifecycleStatus: 'completed' };
  expect((await house.fhir('PUT', `/Goal/${goal.json.id}`, reached)).status).toBe(200);
  const category = `${planCategorySystem}|${sharedPlanCode}`;
  const plans = await house.fhir('GET', `/CarePlan?patient=${await idOf('Holloway')}&category=${category}`);
  const removed = await house.fhir('DELETE', `/CarePlan/${plans.json.entry[0].resource.id}`);
  expect(removed.status).toBeLessThan(300);
  const name = [{ family: 'Testwell', given: ['Nova'] }];
  const { patient, practitioner } = unknown;
  await sandbox.hospitals[0]?.chart.seed({ resourceType: 'Patient', id: patient, name, birthDate: '2024-01-01' });
  await sandbox.hospitals[0]?.chart.seed({ resourceType: 'Practitioner', id: practitioner, name });
}
