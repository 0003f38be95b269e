import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { chromiumPath, openBrowser, violations } from '../support/browser.ts';
import { openTestHouse, type TestHouse } from '../support/house.ts';
import { loadTown, startHospitals, syncHospitals, textOf } from './support/clinic.ts';

/**
 * A primary care clinician in their own EHR: the chart says who manages the child's care, the card opens the shared plan, and there the plan is reviewed and
 * signed. In the EHR the clinician is another record than in Careweave's directory; the National Provider Identifier is the same.
 */
const whenThere = chromiumPath ? describe : describe.skip;
const artifacts = join(import.meta.dirname, '..', '..', 'artifacts');
const theo = { name: 'Theodore Finn Larkspur', id: 'theo-larkspur' };
const lev = { name: 'Lev Starling', id: 'lev-starling' };
const pediatrician = 'Dr. Imogen Bellwether';
const neurologist = 'Dr. Elias Vantongeren';

whenThere('the clinician in the EHR', () => {
  let house: TestHouse;
  let sandbox: Sandbox & { url: string };
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let clicks: string[];

  beforeAll(async () => {
    house = await openTestHouse();
    sandbox = await startHospitals(house, { lakeside: [theo.id, lev.id] });
    await loadTown(house, [theo.id, lev.id]);
    await syncHospitals(house, sandbox);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await sandbox?.close();
    await house?.shut();
  });
  beforeEach(async () => {
    clicks = [];
    context = await browser.newContext({ bypassCSP: true, viewport: { width: 1200, height: 900 } });
    page = await context.newPage();
  });
  afterEach(() => context?.close());

  const click = async (name: string | RegExp) => {
    clicks.push(String(name));
    await page.getByRole('button', { name }).click();
  };
  const region = (name: string) => page.getByRole('region', { name });
  const review = () => region('Review and signature');
  const said = () => review().locator('.outcome');
  const plan = async ({ id }: { id: string }) =>
    (await house.fhir('GET', `/CarePlan?patient=${id}&category=shared-plan-of-care`)).json.entry[0].resource;
  const tasks = async ({ id }: { id: string }, code: string) =>
    ((await house.fhir('GET', `/Task?patient=${id}&code=${code}`)).json.entry ?? []).map((one: any) => one.resource);

  /** The coordinator goes through the plan with the mother, which asks the pediatrician to sign. */
  async function gone(child: { id: string }): Promise<void> {
    const parameter = [{ name: 'agreed', valueReference: { reference: `RelatedPerson/${child.id}-mother` } }];
    const { id } = await plan(child);
    const held = await house.fhir('POST', `/CarePlan/${id}/$review`, { resourceType: 'Parameters', parameter });
    expect(held.status).toBe(200);
  }

  /** The chart of a child, by somebody of this hospital. */
  async function openChart({ name }: { name: string }, clinician: string): Promise<void> {
    await page.goto(`${sandbox.hospitals[0]?.root}/`);
    await page.getByRole('link', { name }).click();
    await page.getByLabel('Signed in as').selectOption({ label: clinician });
    await page.getByRole('button', { name: 'Change' }).click();
  }

  async function openPlan(): Promise<void> {
    await click('Open the shared plan');
    await page.getByRole('heading', { name: 'At a glance' }).waitFor();
  }

  test('S4.12 opening the chart in the EHR shows in one hop that the child is in care management, and whom to call', async () => {
    await page.goto(`${sandbox.hospitals[0]?.root}/`);
    await page.getByRole('link', { name: theo.name }).click();
    const banner = page.getByRole('region', { name: 'Card from Careweave' }).first();
    expect(await textOf(banner)).toMatch(/In care management: Delphine Rook, \+1-555-0140/);
    await openPlan();
    const care = region('In care management');
    await care.getByRole('link', { name: '+1-555-0140' }).waitFor();
    expect(await textOf(care)).toMatch(/Delphine Rook[\s\S]*Alder Falls Care Coordination · since Sep 8, 2025/);
  });

  test('S1.16 the primary care clinician reads the digest and co-signs in two clicks', async () => {
    await gone(theo);
    await openChart(theo, pediatrician);
    await openPlan();
    for (const name of [
      'What matters to this family',
      'Open referrals',
      'Goals of the professionals',
      'What is missing',
    ])
      expect(await region(name).count()).toBe(1);
    const digest = await page.locator('.digest').boundingBox();
    expect((digest?.y ?? 900) + (digest?.height ?? 0)).toBeLessThanOrEqual(900);
    expect(await textOf(review())).toMatch(/You are asked to sign this plan/);
    expect(await violations(page)).toEqual([]);
    const version = (await plan(theo)).meta.versionId;
    await click('Sign this plan');
    await said().waitFor();
    expect(await textOf(said())).toMatch(/^You signed this plan on /);
    expect(clicks).toEqual(['Open the shared plan', 'Sign this plan']);
    const [task] = await tasks(theo, 'co-sign');
    expect(task).toMatchObject({ status: 'completed', owner: { reference: 'Practitioner/imogen-bellwether' } });
    expect(task.focus.reference).toMatch(new RegExp(`/_history/${version}$`));
    expect((await plan(theo)).contributor).toContainEqual({ reference: 'Practitioner/imogen-bellwether' });
    await review().getByText('Co-signed by Dr. Imogen Bellwether').waitFor();
    expect(await page.getByRole('button', { name: 'Sign this plan' }).count()).toBe(0);
    mkdirSync(artifacts, { recursive: true });
    await page.screenshot({ path: join(artifacts, 'clinician-signed.png') });
  });

  test('S1.21 a plan past its date says so before everything else, until the clinician has gone through it', async () => {
    const before = await plan(lev);
    const old = { ...before, period: { ...before.period, start: '2025-10-01' } };
    expect((await house.fhir('PUT', `/CarePlan/${before.id}`, old)).status).toBe(200);
    await openChart(lev, pediatrician);
    await openPlan();
    const banner = review().getByRole('alert');
    expect(await textOf(banner)).toBe('This plan is past its review date (Apr 1, 2026). Ask whether it still holds.');
    await click('Record a review');
    await click('Record the review');
    await said().filter({ hasText: 'Your review was recorded' }).waitFor();
    expect(await banner.count()).toBe(0);
    expect(await tasks(lev, 'co-sign')).toEqual([]);
  });

  test('S1.16 the primary care clinician reviews and co-signs in three clicks', async () => {
    await gone(lev);
    await openChart(lev, pediatrician);
    await openPlan();
    await click('Record a review');
    expect(await violations(page)).toEqual([]);
    expect(
      await page
        .getByRole('group', { name: 'Who agreed to the plan' })
        .getByRole('checkbox', { checked: true })
        .count(),
    ).toBe(1);
    await click('Record and sign');
    await said().waitFor();
    expect(await textOf(said())).toMatch(/^Your review was recorded, and you signed this plan/);
    expect(clicks).toHaveLength(3);
    expect((await tasks(lev, 'co-sign')).map(({ status }: any) => status)).toEqual(['completed']);
    const reviewed = (await plan(lev)).extension.find(({ url }: any) => url.endsWith('/plan-review')).extension;
    expect(reviewed).toContainEqual({ url: 'agreed', valueReference: { reference: 'Practitioner/imogen-bellwether' } });
    expect(await textOf(review())).toMatch(/Last agreed on .* by Dr\. Imogen Bellwether/);
  });

  test('what somebody changed meanwhile is not signed unseen: it is said, read again, and then it can be', async () => {
    await gone(theo);
    await openChart(theo, pediatrician);
    await openPlan();
    const changed = { ...(await plan(theo)), title: 'Shared plan, as it is now' };
    expect((await house.fhir('PUT', `/CarePlan/${changed.id}`, changed)).status).toBe(200);
    await click('Sign this plan');
    await page.getByRole('alert').filter({ hasText: 'Somebody changed this plan' }).waitFor();
    await page.getByRole('heading', { level: 1, name: 'Shared plan, as it is now' }).waitFor();
    expect((await tasks(theo, 'co-sign')).filter(({ status }: any) => status === 'requested')).toHaveLength(1);
    await click('Sign this plan');
    await said().filter({ hasText: 'You signed this plan' }).waitFor();
  });

  test('who is not asked to sign and does not carry the plan sees no button', async () => {
    await gone(theo);
    await openChart(theo, neurologist);
    await openPlan();
    expect(await textOf(review())).toMatch(/Last agreed on/);
    expect(await review().getByRole('button').count()).toBe(0);
  });

  test('the emergency plan opens as a page and as a PDF, with its day and whether it is to be checked', async () => {
    await openChart(lev, pediatrician);
    await openPlan();
    const card = region('Emergency plan');
    await card.getByRole('button', { name: 'PDF', exact: true }).waitFor();
    expect(await textOf(card)).toMatch(
      /Is to be checked again[\s\S]*last checked [A-Z][a-z]{2} \d[\s\S]*As of [A-Z][a-z]{2} \d/,
    );
    const [shown] = await Promise.all([
      context.waitForEvent('page'),
      card.getByRole('button', { name: 'Open' }).click(),
    ]);
    await shown.getByText('Lev Starling').first().waitFor();
    expect(shown.url()).toMatch(/^blob:/);
    const answer = page.waitForResponse((one) => one.url().includes('$emergency-plan'));
    await card.getByRole('button', { name: 'PDF', exact: true }).click();
    expect((await answer).headers()['content-type']).toMatch(/^application\/pdf/);
  });

  test('a part that cannot be read says so in its place, and the plan stands', async () => {
    const isPart = (asked: string) => /\$emergency-plan|"Flag\?/.test(asked);
    await page.route(`${house.url}/fhir`, (route) =>
      isPart(route.request().postData() ?? '')
        ? route.fulfill({ status: 503, contentType: 'application/json', body: '{}' })
        : route.continue(),
    );
    await openChart(theo, pediatrician);
    await openPlan();
    for (const name of ['Care management', 'Emergency plan'])
      await region(name).getByRole('alert').filter({ hasText: 'could not be read' }).waitFor();
    await page.getByRole('heading', { name: 'Epilepsy' }).waitFor();
    await page.unroute(`${house.url}/fhir`);
    await page.getByRole('button', { name: 'Try again: Care management' }).click();
    await region('In care management').getByText('Delphine Rook').waitFor();
  });

  test('what is marked confidential is shown when it is asked for, and printed only then', async () => {
    const flag = await house.fhir('POST', '/Flag', {
      resourceType: 'Flag',
      meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }] },
      status: 'active',
      code: { text: 'Wants to be asked alone' },
      subject: { reference: `Patient/${theo.id}` },
    });
    expect(flag.status).toBe(201);
    await openChart(theo, pediatrician);
    await openPlan();
    const warning = region('Allergies and warnings').getByText('Wants to be asked alone');
    const printed = async () => {
      const [shown] = await Promise.all([context.waitForEvent('page'), click('Print or save')]);
      await shown.getByRole('heading', { name: 'At a glance' }).waitFor();
      const text = await textOf(shown.locator('body'));
      await shown.close();
      return text;
    };
    await page.getByText('Something in this plan is marked confidential.').waitFor();
    expect(await warning.count()).toBe(0);
    expect(await printed()).not.toContain('asked alone');
    await page.getByLabel('Show what is marked confidential').check();
    await warning.waitFor();
    expect(await printed()).toContain('Wants to be asked alone');
    expect((await house.fhir('DELETE', `/Flag/${flag.json.id}`)).status).toBeLessThan(300);
  });

  test('shows line for line what the document of the same plan says', async () => {
    await openChart(lev, pediatrician);
    await openPlan();
    await page.getByLabel('Show closed as well').check();
    const { json } = await house.fhir('GET', `/CarePlan/${(await plan(lev)).id}/$document`);
    const [{ resource: composition }] = json.entry;
    const codeOf = ({ code }: any) => code.coding[0].code;
    const linesOf = ({ text, section = [] }: any): number =>
      (text?.div.match(/<li>/g) ?? []).length +
      section.filter((one: any) => codeOf(one) !== 'problems').reduce((sum: number, one: any) => sum + linesOf(one), 0);
    const sections = composition.section.filter((one: any) => codeOf(one) !== 'at-a-glance');
    const document = sections.map((one: any) => [codeOf(one), one.title, linesOf(one)]);
    const shown = await Promise.all(
      sections.map(async (one: any) => {
        const place = page.locator(`#section-${codeOf(one)}`);
        const lines = await place.locator('.lines > li, .team > li').count();
        return [codeOf(one), await place.locator('h2').textContent(), lines];
      }),
    );
    const compared = (rows: any[]) => rows.filter(([code]) => code !== 'hospital-plans');
    expect(document.length).toBeGreaterThan(9);
    expect(compared(shown)).toEqual(compared(document));
  });

  test('every section is there, folded and unfolded by its link, in a frame of 320 pixels too', async () => {
    await openChart(theo, pediatrician);
    await openPlan();
    await page.setViewportSize({ width: 320, height: 800 });
    const links = page.getByRole('navigation', { name: 'On this page' }).getByRole('link');
    const targets = await links.evaluateAll((all) => all.map((one) => one.getAttribute('href')?.slice(1) ?? ''));
    expect(targets).toContain('section-medical-summary');
    for (const id of targets) expect(await page.locator(`#${id}`).count()).toBe(1);
    const actions = page.locator('#section-actions details');
    expect(await actions.getAttribute('open')).toBeNull();
    await links.filter({ hasText: 'Who does what by when' }).press('Enter');
    expect(await actions.getAttribute('open')).not.toBeNull();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    await page.screenshot({ path: join(artifacts, 'clinician-page-narrow.png') });
  });
});
