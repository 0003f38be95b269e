import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import type { Browser, BrowserContext, Locator, Page, Request } from 'playwright-core';
import { chromiumPath, openBrowser, violations } from '../support/browser.ts';
import { openTestHouse, type TestHouse } from '../support/house.ts';
import { child, settleTown } from './support/coordinator-town.ts';

/** What a coordinator begins at the desk, a referral and a proposal, and a desk that is open all day. */
const whenThere = chromiumPath ? describe : describe.skip;
const artifacts = join(import.meta.dirname, '..', '..', 'artifacts');
const password = 'four plain words together';
const pantry = 'Organization/full-basket-food-bank';

whenThere('the coordinator’s desk', () => {
  let house: TestHouse;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let key = '';
  const requested: Request[] = [];

  beforeAll(async () => {
    house = await openTestHouse();
    await settleTown(house);
    browser = await openBrowser();
    context = await browser.newContext({ bypassCSP: true, viewport: { width: 1280, height: 900 } });
    page = await context.newPage();
    page.setDefaultTimeout(20_000);
    context.on('request', (request) => requested.push(request));
    await enroll();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await house?.shut();
  });

  const heading = (name: string | RegExp) => page.getByRole('heading', { name });
  const press = (name: string | RegExp, within: Page | Locator = page) => within.getByRole('button', { name }).click();
  const go = (name: string) => page.getByRole('navigation').getByRole('button', { name, exact: true }).click();
  const card = (name: string) => page.getByRole('article', { name });
  const told = (text: string | RegExp) => page.getByRole('status').filter({ hasText: text }).waitFor();
  const refused = (text: string | RegExp) => page.getByRole('alert').filter({ hasText: text }).waitFor();

  async function enroll(): Promise<void> {
    const made = await house.command('user', 'add', 'delphine', '--link', 'Practitioner/delphine-rook');
    await page.goto(JSON.parse(made).enrolment_link);
    await page.getByLabel('New password').fill(password);
    await page.getByLabel('The same again').fill(password);
    await press('Go on');
    key = String(await page.locator('code').first().textContent()).replaceAll(' ', '');
    await page.getByLabel('Code from the app').fill(new TOTP({ secret: Secret.fromBase32(key) }).generate());
    await press('Go on');
    await page.getByRole('link', { name: 'I have them' }).click();
    await page.goto(`${house.url}/coordinator/`);
    await press('Sign in');
    await heading('What waits').waitFor();
  }

  async function openChild(): Promise<void> {
    await page.goto(`${house.url}/coordinator/`);
    await press('Care coordination');
    await page.getByLabel('Find a child by name').fill('robin');
    await press('Find');
    await press('Robin Example', page.getByRole('search'));
    await heading('Robin Example').waitFor();
  }

  async function shot(name: string): Promise<void> {
    mkdirSync(artifacts, { recursive: true });
    await page.screenshot({ path: join(artifacts, `coordinator-${name}.png`), fullPage: true });
    await page.setViewportSize({ width: 320, height: 900 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
    await page.screenshot({ path: join(artifacts, `coordinator-${name}-320.png`), fullPage: true });
    await page.setViewportSize({ width: 1280, height: 900 });
  }

  const dayFromNow = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

  test('a referral that a rule refuses is told in its sentence, and nothing of it is written', async () => {
    await house.fhir('PUT', '/HealthcareService/full-clinic', {
      resourceType: 'HealthcareService',
      id: 'full-clinic',
      active: true,
      name: 'Full clinic',
      extension: [
        {
          url: 'http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-ExtensionHealthcareServiceCapacityStatus',
          extension: [
            {
              url: 'capacityStatus',
              valueCodeableConcept: {
                coding: [
                  {
                    system: 'http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes',
                    code: 'no-capacity',
                  },
                ],
              },
            },
          ],
        },
      ],
    });
    await openChild();
    await go('To do');
    await page.getByText('New referral').click();
    await page.getByLabel('What is asked for').fill('A place that is not there');
    await page.getByLabel('Who is asked', { exact: true }).selectOption('Full clinic');
    await press('Send the referral');
    await refused(/no place and no waiting list/);
    const { json } = await house.fhir('GET', `/ServiceRequest?patient=${child.reference}`);
    const texts = (json.entry ?? []).map(({ resource }: any) => resource.code?.text);
    expect(texts).not.toContain('A place that is not there');
  });

  test('a referral for a need goes to a food bank: a request, its Task, and its line in the queue', async () => {
    await page.getByLabel('What is asked for').fill('A food box every week');
    await page.getByLabel('What it is for').selectOption({ label: 'Food insecurity' });
    const owners = page.getByLabel('Who is asked', { exact: true });
    expect(await owners.locator('optgroup').nth(0).getAttribute('label')).toBe('Services');
    expect(await owners.locator('optgroup').nth(1).getAttribute('label')).toBe('Organizations');
    await owners.selectOption(pantry);
    const due = dayFromNow(3);
    await page.getByLabel('Until when').fill(due);
    await page.getByLabel('How urgent').selectOption('Urgent');
    await page.getByLabel('What the family has agreed to').fill('Ada asked for it by phone');
    expect(await violations(page)).toEqual([]);
    await shot('new-referral');
    // The answer is lost on the way: nobody knows what happened, what was typed stays, and sending it once more makes no second referral.
    await page.route('**/fhir', (route) => route.fetch().then(() => route.abort()), { times: 1 });
    await press('Send the referral');
    await page.getByRole('alert').waitFor();
    await press('Send the referral');
    await told('The referral is sent.');
    const all = (await house.fhir('GET', `/ServiceRequest?patient=${child.reference}`)).json.entry;
    const same = all.filter(({ resource }: any) => resource.code?.text === 'A food box every week');
    expect(same).toHaveLength(1);
    const sent = card('A food box every week');
    await sent.getByText('sent', { exact: true }).waitFor();
    await sent
      .getByText(/does not say whether it has places|with .*Basket/i)
      .first()
      .waitFor();
    await shot('referral-sent');
    const { json } = await house.fhir('GET', `/Task?patient=${child.reference}&owner=${pantry}&_sort=-_lastUpdated`);
    const [{ resource: task }] = json.entry;
    expect(task).toMatchObject({
      status: 'requested',
      priority: 'urgent',
      meta: { tag: [{ code: 'family-shared' }] },
      requester: { reference: 'Practitioner/delphine-rook' },
      restriction: { period: { end: due } },
    });
    const request = (await house.fhir('GET', `/${task.focus.reference}`)).json;
    expect(request).toMatchObject({
      status: 'active',
      code: { text: 'A food box every week' },
      category: [{ coding: [{ code: 'sdoh' }] }],
      note: [{ text: 'Ada asked for it by phone' }],
    });
    expect(request.reasonReference).toHaveLength(1);
    await go('Needs');
    await page.locator('article', { hasText: 'Food insecurity' }).getByText('Referral: sent').first().waitFor();
    await press('Care coordination');
    await page.getByLabel('Whose').selectOption('everybody');
    await page.locator('.queue > li', { hasText: 'A food box every week' }).getByText('due soon').waitFor();
  });

  test('a proposal to the plan: a line that leaves it needs the line; a goal in the mother’s name waits for an answer', async () => {
    await openChild();
    await press('Compose the shared plan');
    await heading('At a glance').waitFor();
    await go('Proposals');
    await page.getByText('Propose a change').click();
    await page.getByLabel('What is to happen').selectOption('A line leaves the plan');
    const line = page.getByLabel('Which line');
    expect(await line.getAttribute('required')).toBe('');
    await line.selectOption({ label: 'Drink enough every day' });
    await page.getByLabel('Why, in plain words').fill('It was reached in spring');
    expect(await violations(page)).toEqual([]);
    await shot('new-proposal');
    await press('Propose it');
    await told('The proposal waits for an answer.');
    await page.locator('article', { hasText: 'It was reached in spring' }).getByText('Drink enough').first().waitFor();
    await page.getByText('Propose a change').click();
    await page.getByLabel('What is to happen').selectOption('A new goal');
    await page.getByLabel('What is to stand in the plan').fill('Swim with her cousins');
    await page.getByLabel('Why, in plain words').fill('She asks every day');
    await page.getByLabel('Whose wish it is').selectOption('Ada Example');
    await press('Propose it');
    const wish = page.locator('article', { hasText: 'Swim with her cousins' });
    await wish.getByText('Ada Example wishes to add').waitFor();
    const { json } = await house.fhir('GET', `/Task?patient=${child.reference}&code=plan-change&_sort=-_lastUpdated`);
    expect(json.entry[0].resource).toMatchObject({
      requester: { reference: 'RelatedPerson/robin-mother' },
      contained: [{ resourceType: 'Goal', description: { text: 'Swim with her cousins' } }],
    });
  });

  test('the session renews itself before its hour is over, by a token that is good once', async () => {
    const before = await page.evaluate<string>('sessionStorage.getItem("careweave.session.careweave-coordinator")');
    await page.clock.install();
    await page.reload();
    await heading('Robin Example').waitFor();
    const renewal = page.waitForResponse((answer) => answer.url().endsWith('/auth/token'));
    await page.clock.fastForward('56:00');
    expect((await renewal).status()).toBe(200);
    await page.waitForFunction(
      `sessionStorage.getItem("careweave.session.careweave-coordinator") !== ${JSON.stringify(before)}`,
    );
    const after = await page.evaluate<string>('sessionStorage.getItem("careweave.session.careweave-coordinator")');
    const [was, is] = [JSON.parse(before), JSON.parse(after)];
    expect(is.refreshToken).not.toBe(was.refreshToken);
    expect([is.fhirUser, is.expiresAt > was.expiresAt]).toEqual(['Practitioner/delphine-rook', true]);
    await go('To do');
    await card('A food box every week').waitFor();
    expect(requested.some((request) => request.url().includes(is.refreshToken))).toBe(false);
  });

  test('when it cannot be renewed that is said, and signing in again leads back to the same view', async () => {
    await house.store.query('DELETE FROM auth_session');
    // The tab that has renewed holds the others back for a moment, and asks for nothing meanwhile.
    await page.evaluate('navigator.locks.request("careweave.session.careweave-coordinator", () => {})');
    await page.clock.fastForward('59:00');
    await told('Your session has ended');
    await shot('session-ended');
    await press('Sign in again');
    await page.getByLabel('User name').fill('delphine');
    await page.getByLabel('Password').fill(password);
    await press('Sign in');
    await page.getByLabel('Code').fill(await freshCode());
    await press('Go on');
    await heading('Robin Example').waitFor();
    await card('A food box every week').waitFor();
    expect(page.url()).toBe(`${house.url}/coordinator/`);
  });

  /** A code is good once: the one after the one that set the factor up. The server takes a telephone that is a step ahead. */
  async function freshCode(): Promise<string> {
    return new TOTP({ secret: Secret.fromBase32(key) }).generate({ timestamp: Date.now() + 30_000 });
  }
});
