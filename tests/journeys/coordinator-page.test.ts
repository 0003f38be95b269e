import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import type { Browser, BrowserContext, Locator, Page, Request } from 'playwright-core';
import { chromiumPath, openBrowser, violations } from '../support/browser.ts';
import { openTestHouse, type TestHouse } from '../support/house.ts';
import { child, hospitals, order, settleTown, sync } from './support/coordinator-town.ts';

/** The coordinator's page as a coordinator meets it: a real browser, our own sign-in with a second factor, a whole Careweave. */
const whenThere = chromiumPath ? describe : describe.skip;
const artifacts = join(import.meta.dirname, '..', '..', 'artifacts');
const password = 'four plain words together';

whenThere('the coordinator’s page', () => {
  let house: TestHouse;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const said: string[] = [];
  const requested: Request[] = [];

  beforeAll(async () => {
    house = await openTestHouse();
    await settleTown(house);
    browser = await openBrowser();
    context = await browser.newContext({ bypassCSP: true, viewport: { width: 1280, height: 900 } });
    page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(String(error)));
  });
  afterAll(async () => {
    await browser?.close();
    await house?.shut();
  });
  beforeEach(() => {
    said.length = 0;
  });

  const heading = (name: string | RegExp) => page.getByRole('heading', { name });
  const press = (name: string | RegExp, within: Page | Locator = page) => within.getByRole('button', { name }).click();
  const go = (name: string) => page.getByRole('navigation').getByRole('button', { name, exact: true }).click();
  const card = (name: string) => page.getByRole('article', { name });
  const told = (text: string | RegExp) => page.getByRole('status').filter({ hasText: text }).waitFor();
  /** A row of what several places say, by its kind and what it is about. */
  const row = (kind: string, about: string) => page.getByRole('article', { name: `${kind} ${about}` });

  async function invite(username: string, link: string): Promise<void> {
    const made = await house.command('user', 'add', username, '--link', link);
    await page.goto(JSON.parse(made).enrolment_link);
    await page.getByLabel('New password').fill(password);
    await page.getByLabel('The same again').fill(password);
    await press('Go on');
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
  }

  test('who is no professional is told so, and sees nothing', async () => {
    await invite('ada', 'RelatedPerson/robin-mother');
    await page.goto(`${house.url}/coordinator/`);
    expect(await violations(page)).toEqual([]);
    await press('Sign in');
    await heading('This page is for care coordinators').waitFor();
    expect(await page.getByLabel('Find a child by name').count()).toBe(0);
    await context.clearCookies();
    await page.evaluate('sessionStorage.clear()');
  });

  test('a coordinator signs in with a second factor', async () => {
    await invite('delphine', 'Practitioner/delphine-rook');
    await heading('Set up a second factor').waitFor();
    const key = String(await page.locator('code').first().textContent()).replaceAll(' ', '');
    await page.getByLabel('Code from the app').fill(new TOTP({ secret: Secret.fromBase32(key) }).generate());
    await press('Go on');
    await page.getByRole('link', { name: 'I have them' }).click();
    context.on('request', (request) => requested.push(request));
    await page.goto(`${house.url}/coordinator/`);
    await press('Sign in');
    await heading('What waits').waitFor();
    expect(page.url()).toBe(`${house.url}/coordinator/`);
  });

  test('sees what waits, with the reason, by whose it is and why, a page at a time', async () => {
    const lines = page.locator('.queue > li');
    await lines.first().waitFor();
    expect(await lines.count()).toBe(2);
    expect(await textOf(lines.nth(0))).toMatch(/Renew the insurance\s+overdue[\s\S]*Robin Example[\s\S]*was due/);
    expect(await textOf(page.locator('.bars'))).toMatch(/Overdue for two weeks or more\s+1/);
    expect(await violations(page)).toEqual([]);
    await shot('queue');
    await page.getByLabel('Whose').selectOption('everybody');
    await lines.nth(24).waitFor();
    expect(await lines.count()).toBe(25);
    await press('Show more');
    await lines.nth(25).waitFor();
    expect(await page.getByRole('button', { name: 'Show more' }).count()).toBe(0);
    for (const other of ['Overdue', 'Due within a week', 'Untouched for a month'])
      await page.getByLabel(other).uncheck();
    await page.getByText('Find an interpreter').waitFor();
    expect(await lines.allInnerTexts()).toEqual([expect.stringMatching(/Find an interpreter[\s\S]*with nobody/)]);
  });

  test('sees the caseload against the cap, and opens a child from it', async () => {
    await go('Caseload');
    await page.getByText('1 of 30').waitFor();
    expect(await violations(page)).toEqual([]);
    await press('Robin Example');
    await heading('Robin Example').waitFor();
    await page.goBack();
    await heading('Caseload').waitFor();
  });

  test('composes the shared plan of a child that has none, and reads it', async () => {
    await openChild();
    await heading('No shared plan yet').waitFor();
    await press('Compose the shared plan');
    await heading('At a glance').waitFor();
    const medical = page.locator('.section-medical-summary');
    expect(await textOf(medical)).toMatch(/Allergy to penicillin/);
    expect(await violations(page)).toEqual([]);
    await page.reload();
    await heading('At a glance').waitFor();
  });

  test('S3.13 the same allergy of three hospitals is one question with three sources; decided, it stands once with all three', async () => {
    await openChild();
    await go('Reconcile');
    const allergy = row('Duplicate', 'Allergy');
    for (const name of Object.values(hospitals)) await allergy.getByText(`sent by ${name}`).waitFor();
    expect(await violations(page)).toEqual([]);
    await shot('reconcile');
    await allergy.getByLabel('One and the same').check();
    const conflict = row('Conflict', 'Activity');
    await conflict.getByLabel('Keep one').check();
    await conflict.getByLabel('Fluid restriction, 800 mL a day').check();
    await press('Record 2 decisions');
    await page.getByRole('alert').filter({ hasText: 'A conflict needs a reason.' }).waitFor();
    await conflict.getByLabel('Reason').fill('The heart center decides about fluids');
    await press('Record 2 decisions');
    await told('2 decisions are recorded.');
    expect(await allergy.count()).toBe(0);
    await page.reload();
    await page.getByText(/^Decided before/).click();
    expect(await textOf(page.locator('details'))).toMatch(
      /One and the same\s+Allergy to penicillin \/ allergy to PENICILLIN · Delphine Rook/i,
    );
    expect([await allergy.count(), await conflict.count()]).toEqual([0, 0]);
    await go('Plan');
    const medical = page.locator('.section-medical-summary');
    await medical.waitFor();
    const lines = (await medical.locator('li').allInnerTexts()).filter((line) => /penicillin/i.test(line));
    expect(lines).toHaveLength(1);
    for (const name of Object.values(hospitals)) expect(lines[0]).toContain(name);
  });

  test('a row that changed meanwhile is read again, and that is said', async () => {
    await sync(house, 'harbor', order('up', 'Encourage extra fluids'));
    await openChild();
    await go('Reconcile');
    const question = page.getByRole('article').filter({ hasText: hospitals.harbor }).first();
    await question.getByRole('radio').last().check();
    await question.getByLabel('Reason').fill('Looked at together');
    await sync(house, 'harbor', { ...order('up', 'Encourage extra fluids'), note: [{ text: 'again' }] });
    await press('Record 1 decision');
    await told('Somebody changed one of these records in the meantime');
    expect(await question.count()).toBe(1);
  });

  test('S4.13 who asked sees that it was declined and why, and is offered only what is theirs', async () => {
    await openChild();
    await go('To do');
    const declined = card('Allergy clinic');
    await declined.waitFor();
    expect(await textOf(declined)).toMatch(/declined[\s\S]*Why: We have no interpreter for this family/);
    expect(await declined.getByText('Ask somebody else').count()).toBe(1);
    const sent = card('Sleep laboratory');
    const options = await sent.getByLabel('What happens next').locator('option').allInnerTexts();
    // Its requester; accepting is the laboratory's.
    expect(options).toContain('cancellation asked for');
    expect(options).not.toContain('accepted');
    expect(await violations(page)).toEqual([]);
    await sent.getByText('Write to each other').click();
    await sent.getByLabel(/Message to/).fill('Is there a place in December?');
    await press('Send', sent);
    await told('The message is sent.');
    await sent.getByText('Is there a place in December?').waitFor();
    await shot('to-do');
  });

  test('a referral that somebody else moved is read again, and nothing is overwritten', async () => {
    const sent = card('Sleep laboratory');
    await sent.getByLabel('What happens next').selectOption('cancelled');
    await sent.getByLabel('Reason', { exact: true }).fill('The family moved away');
    const { json } = await house.fhir('GET', '/Task/sleep-lab-task');
    expect((await house.fhir('PUT', '/Task/sleep-lab-task', { ...json, status: 'accepted' })).status).toBe(200);
    await press('Record', sent);
    await told('Somebody else changed this in the meantime');
    await sent.getByText('accepted', { exact: true }).waitFor();
    expect((await house.fhir('GET', '/Task/sleep-lab-task')).json.status).toBe('accepted');
  });

  test('a Task is ended with a coded reason, another is done', async () => {
    await press('It will not be done', card('Renew the insurance'));
    await page.getByLabel('Why it will not be done').selectOption('No longer needed');
    await press('Record', card('Renew the insurance'));
    await told('Recorded as not to be done');
    expect((await house.fhir('GET', '/Task/late')).json.statusReason.coding[0].code).toBe('no-longer-needed');
    await press('It is done', card('Call about the wheelchair'));
    await press('Record', card('Call about the wheelchair'));
    await told('Recorded as done.');
  });

  test('S0.10 a need stays in the register when the referral for it is closed', async () => {
    const need = page.locator('article', { hasText: 'Food insecurity' });
    await go('Needs');
    await need.getByText('Referral: sent').waitFor();
    await go('To do');
    const food = card('Food pantry');
    await food.getByLabel('What happens next').selectOption('cancelled');
    await food.getByLabel('Reason', { exact: true }).fill('The family did not want to go there');
    await press('Record', food);
    await told('Recorded: cancelled.');
    await go('Needs');
    await need.waitFor();
    expect(await textOf(need)).toMatch(/Food insecurity\s+open\s+since Oct 1, 2026 · found · not talked about yet/);
    expect(await violations(page)).toEqual([]);
  });

  test('S4.9 three calls, two visits at home and a meeting in a café are counted so', async () => {
    await openChild();
    await go('Contacts');
    const log = async (mode: string, where = '') => {
      await page.getByLabel('How', { exact: true }).selectOption(mode);
      await page.getByLabel('What for').selectOption('Following up');
      await page.getByLabel('Where').fill(where);
      await press('Log it');
    };
    await log('Elsewhere');
    await page.getByRole('alert').filter({ hasText: 'A contact elsewhere (FLD) says where' }).waitFor();
    await page.getByLabel('Where').fill('Café on Elm Street');
    await press('Log it');
    await told('The contact is logged.');
    for (const mode of ['Call', 'Call', 'Call', 'Visit at home', 'Visit at home']) {
      const count = await page.locator('.cards > li').count();
      await log(mode);
      await page.locator('.cards > li').nth(count).waitFor();
    }
    const bars = await page.locator('.bars li').allInnerTexts();
    expect(bars.map((text) => text.replace(/\s+/g, ' '))).toEqual(['Call 3', 'Visit at home 2', 'Elsewhere 1']);
    await page.getByText('Elsewhere, Café on Elm Street').waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test('S1.12 minutes are logged for child, enrollment, activity and person', async () => {
    await page.getByLabel('What for').selectOption('Arranging');
    await page.getByLabel('Minutes').fill('25');
    await press('Log it');
    await page.getByText('25 minutes').waitFor();
    const { json } = await house.fhir('GET', `/Encounter?patient=${child.reference}&type=arrange`);
    expect(json.entry[0].resource).toMatchObject({
      subject: child,
      length: { value: 25, code: 'min' },
      episodeOfCare: [{ reference: 'EpisodeOfCare/robin-program' }],
      participant: [{ individual: { reference: 'Practitioner/delphine-rook' } }],
    });
    await shot('contacts');
  });

  test('a proposal of the family is rejected with a reason, and stays', async () => {
    const [plan] = (await house.fhir('GET', `/CarePlan?patient=${child.reference}&status=active`)).json.entry.filter(
      ({ resource }: any) => resource.meta.source?.startsWith('urn:careweave:site:') !== true,
    );
    const proposed = {
      resourceType: 'Goal',
      lifecycleStatus: 'proposed',
      description: { text: 'Sleep in her own bed' },
    };
    const made = await house.fhir('POST', `/CarePlan/${plan.resource.id}/$propose`, {
      resourceType: 'Parameters',
      parameter: [
        { name: 'action', valueCode: 'add' },
        { name: 'proposed', resource: { ...proposed, subject: child } },
        { name: 'reason', valueString: 'We are all tired' },
        { name: 'onBehalfOf', valueReference: { reference: 'RelatedPerson/robin-mother' } },
      ],
    });
    expect([made.status, made.json.issue]).toEqual([200, undefined]);
    await page.goto(`${house.url}/coordinator/`);
    await press('Care coordination');
    await go('Proposals');
    const wish = page.locator('article', { hasText: 'Sleep in her own bed' });
    await wish.waitFor();
    expect(await textOf(wish)).toMatch(/Ada Example wishes to add[\s\S]*We are all tired/);
    expect(await violations(page)).toEqual([]);
    await wish.getByLabel('Reject').check();
    await press('Answer', wish);
    await wish.getByRole('alert').filter({ hasText: 'says why' }).waitFor();
    await wish.getByLabel('In words').fill('Not while the ventilator alarms at night');
    await press('Answer', wish);
    await told('Rejected, with your reason.');
    const { json } = await house.fhir('GET', `/Task/${made.json.id}`);
    expect(json).toMatchObject({
      status: 'rejected',
      statusReason: { text: 'Not while the ventilator alarms at night' },
    });
  });

  test('a joint meeting ends in Tasks; a decision without an owner is refused by its number', async () => {
    await openChild();
    await go('Proposals');
    await page.getByText('Close a joint meeting').click();
    await page.getByLabel('Ada Example').check();
    await page.getByLabel('What was talked about').fill('Nights\nSchool');
    await page.getByLabel('What is to be done').fill('Ask for night nursing');
    await page.getByLabel('Until when').fill('2099-01-31');
    await press('Close the meeting');
    await page.getByRole('alert').filter({ hasText: 'Decision 1 has no owner' }).waitFor();
    await page.getByLabel('Who does it').selectOption('Delphine Rook');
    expect(await violations(page)).toEqual([]);
    await press('Close the meeting');
    await told('The meeting is closed');
    await go('To do');
    await card('Ask for night nursing').waitFor();
  });

  test('fits from 320 pixels wide, with targets large enough', async () => {
    await page.goto(`${house.url}/coordinator/`);
    await press('Care coordination');
    await page.setViewportSize({ width: 320, height: 900 });
    for (const view of ['Work queue', 'Caseload', 'Proposals']) {
      await go(view);
      await page.getByText('Reading…').first().waitFor({ state: 'hidden' });
      const wider = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
      expect([view, wider]).toEqual([view, 0]);
    }
    await openChild();
    for (const tab of ['Plan', 'To do', 'Needs', 'Contacts', 'Team', 'Reconcile', 'Proposals']) {
      await go(tab);
      await page.getByText('Reading…').first().waitFor({ state: 'hidden' });
      for (const width of [320, 480, 1280]) {
        await page.setViewportSize({ width, height: 900 });
        const wider = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        expect([tab, width, wider]).toEqual([tab, width, 0]);
      }
      for (const target of await page.locator('main button, main summary, main select').all()) {
        const box = await target.boundingBox();
        expect(Math.min(box?.width ?? 99, box?.height ?? 99)).toBeGreaterThanOrEqual(24);
      }
    }
  });

  test('no address names a child, and nothing was said in the console but what was refused', async () => {
    await openChild();
    expect(page.url()).toBe(`${house.url}/coordinator/`);
    expect(await page.title()).toBe('Care coordination');
    const urls = requested.map((request) => request.url());
    expect(urls.length).toBeGreaterThan(20);
    for (const url of urls) expect(decodeURIComponent(url)).not.toMatch(/robin|example|patient=|Patient\//i);
    expect(new Set(urls.map((url) => new URL(url).origin))).toEqual(new Set([house.url]));
    expect(said).toEqual([]);
  });

  test('who signs out is asked to sign in again', async () => {
    await press('Sign out');
    await heading('Your account').waitFor();
    await page.goto(`${house.url}/coordinator/`);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await page.getByLabel('Find a child by name').count()).toBe(0);
  });
});

/** As it is laid out, because a missing space or separator between two values is a fault. */
function textOf(locator: Locator): Promise<string> {
  // biome-ignore lint/performance/useDomNodeTextContent: the rendered text is what is tested
  return locator.innerText();
}
