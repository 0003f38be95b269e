import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { demoTown } from '../../fixtures/town/index.ts';
import { chromiumPath, openBrowser, violations } from '../support/browser.ts';
import { openTestHouse, type TestHouse } from '../support/house.ts';
import { type SmallApp, startSmallApp } from './support/small-app.ts';

/** Somebody else's app, a mother of two, a doctor, a young person; a whole Careweave and a real browser. */
const whenThere = chromiumPath ? describe : describe.skip;
const password = 'four plain words together';

whenThere('an app of somebody else’s', () => {
  let house: TestHouse;
  let app: SmallApp;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let clientId: string;
  let seen: string[];

  beforeAll(async () => {
    house = await openTestHouse();
    app = await startSmallApp();
    await loadFamilies(house);
    const scopes = 'launch launch/patient openid fhirUser offline_access patient/*.rs';
    const options = ['--type', 'public', '--redirect-uri', app.redirectUri, '--scopes', scopes];
    clientId = JSON.parse(await house.command('client', 'add', '--name', 'Small app', ...options)).client_id;
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
    await house?.shut();
  });
  beforeEach(async () => {
    seen = [];
    context = await browser.newContext({ bypassCSP: true, viewport: { width: 900, height: 1000 } });
    page = await context.newPage();
    page.on('console', (message) => {
      const { url } = message.location();
      if (message.type() === 'error' && !url.endsWith('/favicon.ico')) seen.push(`${message.text()} ${url}`);
    });
    page.on('pageerror', (error) => seen.push(String(error)));
  });
  afterEach(() => context?.close());

  /** The page with this heading is there, and axe finds nothing wrong with it. */
  async function at(title: string): Promise<void> {
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
    expect(await violations(page)).toEqual([]);
  }

  const press = (name: string | RegExp) => page.getByRole('button', { name }).first().click();

  async function start(
    scope = 'launch/patient openid fhirUser offline_access patient/Patient.rs patient/CarePlan.rs patient/Goal.rs',
  ): Promise<void> {
    await page.goto(app.launchUrl({ iss: `${house.url}/fhir`, clientId, scope }));
  }

  async function told(): Promise<Record<string, unknown>> {
    await page.waitForFunction("document.title === 'Small app: done'");
    return JSON.parse(await page.locator('#said').textContent().then(String));
  }

  async function invite(username: string, ...links: string[]): Promise<void> {
    const made = await house.command('user', 'add', username, ...links.flatMap((link) => ['--link', link]));
    await page.goto(JSON.parse(made).enrolment_link);
    await page.getByLabel('New password').fill(password);
    await page.getByLabel('The same again').fill(password);
  }

  async function signIn(username: string): Promise<void> {
    await page.getByLabel('User name').fill(username);
    await page.getByLabel('Password').fill(password);
    await press('Sign in');
  }

  test('SC-040 SC-060 SC-063 SC-091 a mother of two lets it see one child, sees it in her list, and ends it', async () => {
    await invite('cordelia', 'RelatedPerson/rowan-fennimore-mother', 'RelatedPerson/juniper-fennimore-mother');
    await at('Choose a password');
    await press('Go on');
    await at('Your account');
    await press('Sign out');
    await start();
    await at('Sign in');
    await page.getByLabel('User name').fill('cordelia');
    await page.getByLabel('Password').fill('something else');
    await press('Sign in');
    await page.getByRole('alert').waitFor();
    await at('Sign in');
    expect(seen.splice(0)).toEqual([expect.stringContaining('401')]);
    await signIn('cordelia');
    await at('Which child?');
    await press(/Rowan Ellis Fennimore/);
    await at('Allow Small app?');
    await page.getByLabel(/See: goals/).uncheck();
    await press('Allow');
    const said = await told();
    expect(seen).toEqual([]);
    expect(said).toMatchObject({
      patient: 'rowan-fennimore',
      born: '2026-09-08',
      fhirUser: 'RelatedPerson/rowan-fennimore-mother',
    });
    expect(said).toMatchObject({ user: 'RelatedPerson/rowan-fennimore-mother', refreshed: true });
    expect(said.plans).toEqual(['Feeding and growing']);
    expect(said.scope).not.toContain('Goal');
    expect(seen).toEqual([]);
    await page.goto(`${house.url}/auth/manage`);
    await at('Apps and access');
    expect(await page.locator('li.entry').textContent()).toContain('Rowan Ellis Fennimore');
    await press('End access');
    await page.getByText('Small app has no access any more.').waitFor();
    await at('Apps and access');
  });

  test('SC-060 SC-092 TH-12 a doctor sets up a second factor, signs in with it, and finds a child by name', async () => {
    await invite('dr-v', 'Practitioner/elias-vantongeren');
    await press('Go on');
    await at('Set up a second factor');
    const key = String(await page.locator('code').first().textContent()).replaceAll(' ', '');
    const totp = new TOTP({ secret: Secret.fromBase32(key) });
    await page.getByLabel('Code from the app').fill(totp.generate());
    await press('Go on');
    await at('Your recovery codes');
    await page.getByRole('link', { name: 'I have them' }).click();
    await press('Sign out');
    await start(
      'launch/patient openid fhirUser offline_access patient/Patient.rs patient/CarePlan.rs patient/Observation.rs patient/Condition.rs',
    );
    await signIn('dr-v');
    await at('Your second factor');
    // A telephone that is half a minute ahead: the code of now was used a moment ago.
    await page.getByLabel('Code').fill(totp.generate({ timestamp: Date.now() + 30_000 }));
    await press('Go on');
    await at('Which child?');
    await page.getByLabel('Name of the child').fill('larks');
    await press('Search');
    await at('Which child?');
    await press(/Theodore Finn Larkspur/);
    await at('Allow Small app?');
    await page.getByLabel('growth and vital signs').check();
    await press('Allow');
    const said = await told();
    expect(seen).toEqual([]);
    expect(said).toMatchObject({
      patient: 'theo-larkspur',
      fhirUser: 'Practitioner/elias-vantongeren',
    });
    expect(said).toMatchObject({ user: 'Practitioner/elias-vantongeren' });
    expect(said.scope).toContain(
      'patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|vital-signs',
    );
    expect(seen).toEqual([]);
  });

  test('SC-032 SC-092 a young person is asked for herself, and the app is told when she does not want it', async () => {
    await invite('wren', 'Patient/wren-castellane');
    await press('Go on');
    await start();
    await at('Allow Small app?');
    expect(await page.locator('main').textContent()).toContain('Wren Castellane');
    await press('Cancel');
    expect(await told()).toEqual({ fault: expect.stringContaining('cancelled') });
    await start();
    await press('Allow');
    expect(await told()).toMatchObject({ patient: 'wren-castellane', user: 'Patient/wren-castellane' });
  });
});

/** Twins and their mother, a boy, a girl of sixteen; and the clinic. */
async function loadFamilies(house: TestHouse): Promise<void> {
  const town = demoTown();
  const slugs = ['rowan-fennimore', 'juniper-fennimore', 'theo-larkspur', 'wren-castellane'];
  for (const path of [
    town.organizations,
    ...town.children.filter(({ slug }) => slugs.includes(slug)).map(({ bundle }) => bundle),
  ])
    expect((await house.fhir('POST', '', readFileSync(path, 'utf8'))).status).toBe(200);
  const plan = {
    resourceType: 'CarePlan',
    id: 'rowan-plan',
    status: 'active',
    intent: 'plan',
    title: 'Feeding and growing',
    subject: { reference: 'Patient/rowan-fennimore' },
  };
  expect((await house.fhir('PUT', '/CarePlan/rowan-plan', plan)).status).toBe(201);
  for (const child of ['rowan-fennimore', 'juniper-fennimore']) {
    const written = await house.fhir('PUT', `/Consent/${child}-mother-proxy`, proxyOf(child));
    expect([written.status, written.text]).toEqual([201, written.text]);
  }
}

function proxyOf(child: string) {
  const coding = (system: string, code: string) => ({ coding: [{ system, code }] });
  const reference = `RelatedPerson/${child}-mother`;
  return {
    resourceType: 'Consent',
    id: `${child}-mother-proxy`,
    status: 'active',
    scope: coding('http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy'),
    category: [coding('http://careweave.org/fhir/CodeSystem/proxy-basis', 'parent')],
    patient: { reference: `Patient/${child}` },
    dateTime: '2026-09-10',
    policyRule: coding('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'OPTIN'),
    verification: [{ verified: true, verificationDate: '2026-09-10' }],
    provision: {
      type: 'permit',
      actor: [
        {
          role: coding('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'IRCP'),
          reference: { reference },
        },
      ],
    },
  };
}
