import { isAbsolute, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readConfig } from '../src/config.ts';

const read = (env: Record<string, string>) => readConfig('/checkout', env);

describe('refused in one sentence', () => {
  test.each<[Record<string, string>, string]>([
    [{ CAREWEAVE_PORT: '80' }, 'The setting CAREWEAVE_PORT is not one Careweave knows'],
    [{ CAREWEAVE_LOG_LEVEL: 'verbose' }, 'CAREWEAVE_LOG_LEVEL must be one of fatal, error'],
    [{ PORT: '0' }, 'PORT must be a port number from 1 to 65535'],
    [{ PORT: '65536' }, 'PORT must be a port number from 1 to 65535'],
    [{ PORT: '80 ' }, 'PORT must be a port number from 1 to 65535'],
    [{ PORT: '-1' }, 'PORT must be a port number from 1 to 65535'],
    [{ PORT: '8e2' }, 'PORT must be a port number from 1 to 65535'],
    [{ CAREWEAVE_SANDBOX_PORT: 'x' }, 'CAREWEAVE_SANDBOX_PORT must be a port number from 1 to 65535'],
    [{ PORT: '9000', CAREWEAVE_SANDBOX_PORT: '9000' }, 'CAREWEAVE_SANDBOX_PORT must be another port than PORT'],
    [{ PUBLIC_URL: 'plans.example.org' }, 'PUBLIC_URL must be an http or https URL'],
    [{ PUBLIC_URL: 'ftp://plans.example.org' }, 'PUBLIC_URL must be an http or https URL'],
    [{ PUBLIC_URL: 'https://who:secret@plans.example.org' }, 'PUBLIC_URL must be an http or https URL'],
    [{ PUBLIC_URL: 'https://plans.example.org/?a=b' }, 'PUBLIC_URL must be an http or https URL'],
    [{ PUBLIC_URL: 'https://plans.example.org/#top' }, 'PUBLIC_URL must be an http or https URL'],
    [{ TRUSTED_PROXIES: 'proxy.example' }, 'TRUSTED_PROXIES must be IP addresses or networks'],
    [{ TRUSTED_PROXIES: '10.0.0.0/33' }, 'TRUSTED_PROXIES must be IP addresses or networks'],
    [{ TRUSTED_PROXIES: '0.0.0.0/0' }, 'TRUSTED_PROXIES must be IP addresses or networks'],
    [{ TRUSTED_PROXIES: '10.0.0.1/8/8' }, 'TRUSTED_PROXIES must be IP addresses or networks'],
    [{ RATE_LIMITS: 'nonsense=5' }, 'RATE_LIMITS must be name=requests a minute'],
    [{ RATE_LIMITS: 'search=0' }, 'RATE_LIMITS must be name=requests a minute'],
    [{ REFRESH_GRACE_SECONDS: '61' }, 'REFRESH_GRACE_SECONDS must be a number of seconds from 0 to 60'],
    [{ REFRESH_GRACE_SECONDS: '-1' }, 'REFRESH_GRACE_SECONDS must be a number of seconds from 0 to 60'],
    [{ MEASURE_REPORTER: ' ' }, 'MEASURE_REPORTER must be the name'],
    [{ MEASURE_EVALUATORS: '0' }, 'MEASURE_EVALUATORS must be a number of processes from 1 to 16'],
    [{ MEASURE_EVALUATORS: 'two' }, 'MEASURE_EVALUATORS must be a number'],
    [{ MEASURE_REPORTER: 'x'.repeat(201) }, 'MEASURE_REPORTER must be the name'],
    [{ MEASURE_TIME_ZONE: 'Chicago' }, 'MEASURE_TIME_ZONE must be an IANA time zone name'],
    [{ MEASURE_TIME_ZONE: '+05:00' }, 'MEASURE_TIME_ZONE must be an IANA time zone name'],
    [{ MEASURE_TIME_ZONE: 'America/Springfield' }, 'MEASURE_TIME_ZONE must be an IANA time zone name'],
    [{ RATE_LIMITS: 'search' }, 'RATE_LIMITS must be name=requests a minute'],
  ])('%j', (env, text) => {
    const answer = read(env);
    if (answer.ok) throw new Error('accepted');
    expect(answer.error.kind).toBe('invalid');
    expect(answer.error.issues).toHaveLength(1);
    expect(answer.error.issues[0]?.text).toMatch(/^[^\n]+\.$/);
    expect(answer.error.issues[0]?.text).toContain(text);
    expect(answer.error.issues[0]?.text).not.toContain('secret');
  });
});

describe('read', () => {
  const value = (env: Record<string, string>) => {
    const answer = read(env);
    if (!answer.ok) throw new Error(answer.error.issues[0]?.text);
    return answer.value;
  };

  test('an empty environment gives the defaults, frozen', () => {
    const config = value({ PATH: '/bin', PORT: '', DATABASE_URL: '' });
    expect(config).toEqual({
      host: '127.0.0.1',
      port: 8080,
      publicUrl: 'http://127.0.0.1:8080',
      dataDir: '/checkout/.data',
      logLevel: 'warn',
      measureReporter: 'Careweave',
      measureEvaluators: 1,
      measureTimeZone: 'UTC',
      production: false,
      trustedProxies: [],
      rateLimits: {},
      auditReads: 'durable',
      refreshGraceSeconds: 0,
      sandboxPort: 8090,
      rootDir: '/checkout',
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  test.each([
    [{ HOST: '0.0.0.0', PORT: '9000' }, 'http://127.0.0.1:9000'],
    [{ HOST: '::', PORT: '9000' }, 'http://127.0.0.1:9000'],
    [{ HOST: '::1', PORT: '9000' }, 'http://[::1]:9000'],
    [{ HOST: 'localhost', PORT: '9000' }, 'http://localhost:9000'],
    [{ PUBLIC_URL: 'https://plans.example.org/' }, 'https://plans.example.org'],
    [{ PUBLIC_URL: 'https://example.org/careweave//' }, 'https://example.org/careweave'],
  ])('%j is reached at %s', (env, url) => {
    expect(value(env).publicUrl).toBe(url);
  });

  test('the hospitals get a port beside ours, wherever ours is', () => {
    expect(value({ PORT: '9000' }).sandboxPort).toBe(9010);
    expect(value({ PORT: '65535' }).sandboxPort).toBe(65_525);
    expect(value({ CAREWEAVE_SANDBOX_PORT: '7000' }).sandboxPort).toBe(7000);
  });

  test('a relative data directory lies where the command was given', () => {
    const { dataDir } = value({ DATA_DIR: 'here' });
    expect([isAbsolute(dataDir), dataDir]).toEqual([true, join(process.cwd(), 'here')]);
  });

  test('production and the database address are taken as they are', () => {
    const config = value({ NODE_ENV: 'production', DATABASE_URL: 'postgresql://db/x' });
    expect([config.production, config.databaseUrl]).toEqual([true, 'postgresql://db/x']);
  });
});

describe('in production (SC-023)', () => {
  test.each(['http://plans.example.org', 'http://10.0.0.5:8080'])('%s is refused: no token in the clear', (url) => {
    const answer = read({ NODE_ENV: 'production', PUBLIC_URL: url });
    expect(answer).toMatchObject({
      ok: false,
      error: { issues: [{ text: expect.stringContaining('https in production') }] },
    });
    expect(read({ PUBLIC_URL: url }).ok).toBe(true);
  });
  test.each(['https://plans.example.org', 'http://127.0.0.1:8080', 'http://localhost:8080'])('%s is taken', (url) => {
    expect(read({ NODE_ENV: 'production', PUBLIC_URL: url })).toMatchObject({ ok: true, value: { publicUrl: url } });
  });
});

describe('proxies and rates (TH-63)', () => {
  test('are read', () => {
    const env = { TRUSTED_PROXIES: '10.0.0.7, 10.1.0.0/16,fd00::/8', RATE_LIMITS: 'all=10,search=20,machine-factor=3' };
    const answer = read(env);
    if (!answer.ok) throw new Error(answer.error.issues[0]?.text);
    expect(answer.value.trustedProxies).toEqual(['10.0.0.7', '10.1.0.0/16', 'fd00::/8']);
    expect(answer.value.rateLimits).toMatchObject({ read: 10, search: 20, token: 10, 'machine-factor': 3 });
  });
});
