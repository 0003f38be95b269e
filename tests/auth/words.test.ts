import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { en } from '../../src/auth/words/en.ts';
import { es } from '../../src/auth/words/es.ts';
import { askedLanguage } from '../../src/auth/words/language.ts';
import { say } from '../../src/auth/words/say.ts';
import type { AuthServer } from './support/auth-server.ts';
import { authorizeUrl, enrol, registerApp, startPeopleServer, Visitor } from './support/person.ts';

type Table = Record<string, string | Record<string, string>>;

/** Every sentence by its path, with the placeholders that are in it. */
function sentences(table: Table, at = ''): [string, string][] {
  return Object.entries(table).flatMap(([name, value]) =>
    typeof value === 'string' ? [[`${at}${name}`, value] as [string, string]] : sentences(value, `${at}${name}.`),
  );
}

const placeholders = (sentence: string) => (sentence.match(/\{\w+\}/g) ?? []).sort();

describe('the words of our pages', () => {
  test('every language has the same names with the same placeholders, and none is empty', () => {
    const shape = (table: Table) =>
      sentences(table)
        .map(([name, sentence]) => `${name} ${placeholders(sentence).join(' ')}`)
        .sort();
    expect(shape(es)).toEqual(shape(en));
    expect(sentences(es).filter(([, sentence]) => sentence.trim() === '')).toEqual([]);
  });

  test('no sentence was left in English', () => {
    const english = new Map(sentences(en));
    const same = sentences(es).filter(([name, sentence]) => english.get(name) === sentence);
    // Nothing but placeholders in it.
    expect(same.map(([name]) => name)).toEqual(['scopes.line']);
  });

  test('a part from outside is escaped; a placeholder without a part is a fault', () => {
    expect(say('{app} asks', { app: '<b>' }).markup).toBe('&lt;b&gt; asks');
    expect(() => say('{app} asks', {})).toThrow('{app}');
  });
});

test.each([
  [undefined, undefined],
  ['', undefined],
  ['fr de', undefined],
  ['es', 'es'],
  ['es-US en', 'es'],
  ['fr ES-mx en', 'es'],
  ['en-GB es', 'en'],
  ['est', undefined],
])('of ui_locales %p the first language with words here is %p', (asked, language) => {
  expect(askedLanguage(asked)).toBe(language);
});

describe('the language of our pages', () => {
  let server: AuthServer;
  let mother: Visitor;
  beforeAll(async () => {
    server = await startPeopleServer();
    mother = (await enrol(server, 'mother', ['RelatedPerson/ada-mother', 'RelatedPerson/ben-mother'])).visitor;
  });
  afterAll(() => server.close());

  const langOf = (text: string) => /<html lang="(\w+)">/.exec(text)?.[1];

  test('is what the browser prefers, and English where there are no words for that', async () => {
    const inSpanish = { headers: { 'Accept-Language': 'fr;q=0.2, es-MX, en;q=0.5' } };
    const page = await new Visitor(server.url).open(`${server.url}/auth/sign-in`, inSpanish);
    expect([langOf(page.text), page.title]).toEqual(['es', 'Iniciar sesión']);
    const french = await new Visitor(server.url).open(`${server.url}/auth/sign-in`, {
      headers: { 'Accept-Language': 'fr' },
    });
    expect([langOf(french.text), french.title]).toEqual(['en', 'Sign in']);
  });

  test('is what the app asks for, on every page until the app has its answer, and in what is wrong', async () => {
    const app = await registerApp(server);
    const visitor = new Visitor(server.url);
    const page = await visitor.open(authorizeUrl(server, app, { ui_locales: 'es-US en' }), {
      headers: { 'Accept-Language': 'en' },
    });
    expect([langOf(page.text), page.title]).toEqual(['es', 'Iniciar sesión']);
    const wrong = await visitor.submit('sign-in', { username: 'nobody', password: 'wrong in Spanish too' });
    expect(wrong.text).toContain('No es correcto');
    const picker = await mother.open(authorizeUrl(server, app, { ui_locales: 'es' }));
    expect(picker.title).toBe('¿Cuál niño o niña?');
    const consent = await mother.submit('choose', { patient: 'ben' });
    expect(consent.title).toContain('¿Permitir Growth Charts');
    expect(consent.text).toContain('Ver: mediciones, resultados de pruebas');
    expect((await mother.submit('allow')).left?.searchParams.get('code')).toEqual(expect.any(String));
  });

  test('is changed on the page, and the request that waits goes on', async () => {
    const app = await registerApp(server);
    const english = await mother.open(authorizeUrl(server, app, { ui_locales: 'en' }));
    expect(english.title).toBe('Which child?');
    const way = /<a lang="es" hreflang="es" href="([^"]+)">Español/.exec(english.text)?.[1]?.replaceAll('&amp;', '&');
    const spanish = await mother.open(new URL(String(way), english.url).href);
    expect(spanish.title).toBe('¿Cuál niño o niña?');
    expect(/<span lang="es" aria-current="true">/.test(spanish.text)).toBe(true);
    const consent = await mother.submit('choose', { patient: 'ada' });
    expect(consent.title).toContain('¿Permitir');
    // What was chosen holds on the pages that belong to no request.
    const manage = await mother.open(`${server.url}/auth/manage`);
    expect([langOf(manage.text), manage.title]).toEqual(['es', 'Aplicaciones y acceso']);
    expect((await mother.open(`${server.url}/auth/account?ui_locales=en`)).title).toBe('Your account');
  });

  test('holds where there is no app to go back to', async () => {
    const app = await registerApp(server);
    const page = await new Visitor(server.url).open(
      authorizeUrl(server, app, { redirect_uri: 'https://elsewhere.example/', ui_locales: 'es' }),
    );
    expect([page.status, page.title]).toEqual([400, 'No se puede abrir esta aplicación']);
    const over = await new Visitor(server.url).open(`${server.url}/auth/continue?t=${'x'.repeat(43)}&ui_locales=es`);
    expect([over.status, over.title]).toEqual([400, 'Esta página ya no es válida']);
  });

  test('is told to programs: the header names it, discovery lists it', async () => {
    const answer = await fetch(`${server.url}/auth/sign-in?ui_locales=es`);
    expect(answer.headers.get('content-language')).toBe('es');
    const openid = await (await fetch(`${server.url}/.well-known/openid-configuration`)).json();
    expect(openid.ui_locales_supported).toEqual(['en', 'es']);
  });
});
