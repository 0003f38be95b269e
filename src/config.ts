import { isIP } from 'node:net';
import { isAbsolute, join, resolve } from 'node:path';
import { isLoopbackHost } from './base/addresses.ts';
import { fail, ok, type Result } from './base/errors.ts';
import { limits } from './base/limits.ts';

/** Everything the environment may say, checked once and frozen. This file alone reads process.env. */
export interface Config {
  host: string;
  port: number;
  /** As clients see us, without a trailing slash. */
  publicUrl: string;
  /** Absolute. */
  dataDir: string;
  /** An external PostgreSQL; undefined: the embedded one. */
  databaseUrl?: string;
  logLevel: string;
  production: boolean;
  /** Addresses and networks of the proxies in front of us: what they say about where a request comes from is believed. */
  trustedProxies: readonly string[];
  /** Requests a minute in place of those of `limits.rates.perMinute`, and `machine-factor`. */
  rateLimits: Readonly<Record<string, number>>;
  /** Whether reads and refusals are on the disk in the audit trail before they are answered, or only with the database. */
  auditReads: 'durable' | 'buffered';
  /** For so long a spent refresh token is told the same successor again, for apps whose network loses answers. 0: it is taken for stolen at once. */
  refreshGraceSeconds: number;
  /** IANA name of the time zone in whose days measures count, e.g. `America/Chicago`. */
  measureTimeZone: string;
  /** Name of the organization that reports measures. */
  measureReporter: string;
  /** Processes in which measures that users post are evaluated. */
  measureEvaluators: number;
  /** JSON with the brands of this site (user-access brands). */
  brandsFile?: string;
  /** Where the demo's hospitals listen. */
  sandboxPort: number;
  /** The folder of the checkout: profiles, fixtures and built artifacts are found from it. */
  rootDir: string;
}

const settings = ['CAREWEAVE_LOG_LEVEL', 'CAREWEAVE_SANDBOX_PORT'];
const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

export function readConfig(rootDir: string, env: NodeJS.ProcessEnv = process.env): Result<Readonly<Config>> {
  const unknown = Object.keys(env).find((name) => name.startsWith('CAREWEAVE_') && !settings.includes(name));
  if (unknown)
    return fail(
      'invalid',
      `The setting ${unknown} is not one Careweave knows: remove it, or use one of ${settings.join(', ')}.`,
    );
  const port = portOf('PORT', env.PORT, 8080);
  if (!port.ok) return port;
  const beside = port.value + 10 > 65_535 ? port.value - 10 : port.value + 10;
  const sandboxPort = portOf('CAREWEAVE_SANDBOX_PORT', env.CAREWEAVE_SANDBOX_PORT, beside);
  if (!sandboxPort.ok) return sandboxPort;
  if (sandboxPort.value === port.value)
    return fail('invalid', 'CAREWEAVE_SANDBOX_PORT must be another port than PORT: change one of them.');
  const logLevel = env.CAREWEAVE_LOG_LEVEL ?? 'warn';
  if (!logLevels.includes(logLevel))
    return fail('invalid', `CAREWEAVE_LOG_LEVEL must be one of ${logLevels.join(', ')}.`);
  const host = env.HOST || '127.0.0.1';
  const production = env.NODE_ENV === 'production';
  const publicUrl = publicUrlOf(env.PUBLIC_URL, host, port.value, production);
  if (!publicUrl.ok) return publicUrl;
  const trustedProxies = proxiesOf(env.TRUSTED_PROXIES);
  if (!trustedProxies.ok) return trustedProxies;
  const rateLimits = ratesOf(env.RATE_LIMITS);
  if (!rateLimits.ok) return rateLimits;
  const auditReads = env.AUDIT_READS || 'durable';
  if (auditReads !== 'durable' && auditReads !== 'buffered')
    return fail('invalid', 'AUDIT_READS must be durable or buffered.');
  const refreshGraceSeconds = graceOf(env.REFRESH_GRACE_SECONDS);
  if (!refreshGraceSeconds.ok) return refreshGraceSeconds;
  const measureTimeZone = timeZoneOf(env.MEASURE_TIME_ZONE || 'UTC');
  if (!measureTimeZone.ok) return measureTimeZone;
  const measureReporter = env.MEASURE_REPORTER || 'Careweave';
  if (measureReporter.trim() === '' || measureReporter.length > 200)
    return fail('invalid', 'MEASURE_REPORTER must be the name of an organization, 200 characters at most.');
  const evaluators = evaluatorsOf(env.MEASURE_EVALUATORS);
  if (!evaluators.ok) return evaluators;
  const dataDir = env.DATA_DIR || join(rootDir, '.data');
  const config: Config = {
    host,
    port: port.value,
    publicUrl: publicUrl.value,
    dataDir: isAbsolute(dataDir) ? dataDir : resolve(dataDir),
    logLevel,
    production,
    trustedProxies: trustedProxies.value,
    rateLimits: rateLimits.value,
    auditReads,
    refreshGraceSeconds: refreshGraceSeconds.value,
    measureTimeZone: measureTimeZone.value,
    measureReporter,
    measureEvaluators: evaluators.value,
    sandboxPort: sandboxPort.value,
    rootDir,
  };
  if (env.BRANDS_FILE) config.brandsFile = resolve(env.BRANDS_FILE);
  if (env.DATABASE_URL) config.databaseUrl = env.DATABASE_URL;
  return ok(Object.freeze(config));
}

function portOf(name: string, text: string | undefined, otherwise: number): Result<number> {
  if (text === undefined || text === '') return ok(otherwise);
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535)
    return fail('invalid', `${name} must be a port number from 1 to 65535.`);
  return ok(port);
}

function evaluatorsOf(text = ''): Result<number> {
  const most = limits.measures.evaluators;
  const evaluators = Number(text || '1');
  if (/^\d*$/.test(text) && evaluators >= 1 && evaluators <= most) return ok(evaluators);
  return fail('invalid', `MEASURE_EVALUATORS must be a number of processes from 1 to ${most}.`);
}

function graceOf(text = '0'): Result<number> {
  const most = limits.auth.maxRefreshGraceSeconds;
  const seconds = Number(text || '0');
  if (/^\d*$/.test(text) && seconds <= most) return ok(seconds);
  return fail('invalid', `REFRESH_GRACE_SECONDS must be a number of seconds from 0 to ${most}.`);
}

/** Names of the time zone database only: an offset or an abbreviation would not know when clocks change. */
function timeZoneOf(name: string): Result<string> {
  const problem = fail('invalid', 'MEASURE_TIME_ZONE must be an IANA time zone name, e.g. America/Chicago.');
  if (name !== 'UTC' && !/^[A-Za-z_]+(?:\/[A-Za-z0-9_+-]+)+$/.test(name)) return problem;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return ok(name);
  } catch {
    return problem;
  }
}

function proxiesOf(text = ''): Result<readonly string[]> {
  const proxies = text.split(',').flatMap((one) => one.trim() || []);
  const isProxy = (one: string) => {
    const [address = '', prefix = '1', ...more] = one.split('/');
    const family = isIP(address);
    return (
      family > 0 && /^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128) && more.length === 0
    );
  };
  if (proxies.every(isProxy)) return ok(proxies);
  return fail(
    'invalid',
    'TRUSTED_PROXIES must be IP addresses or networks with commas between, e.g. 10.0.0.7,10.1.0.0/16.',
  );
}

/** `search=6000,machine-factor=100`. */
function ratesOf(text = ''): Result<Readonly<Record<string, number>>> {
  const names = ['machine-factor', ...Object.keys(limits.rates.perMinute)];
  const rates: Record<string, number> = {};
  for (const part of text.split(',').flatMap((one) => one.trim() || [])) {
    const [name = '', number = '', ...more] = part.split('=');
    if ((name !== 'all' && !names.includes(name)) || !/^[1-9]\d{0,11}$/.test(number) || more.length > 0) {
      return fail(
        'invalid',
        `RATE_LIMITS must be name=requests a minute with commas between; the names are ${names.join(', ')} and all.`,
      );
    }
    for (const each of name === 'all' ? Object.keys(limits.rates.perMinute) : [name]) rates[each] = Number(number);
  }
  return ok(rates);
}

function publicUrlOf(text: string | undefined, host: string, port: number, production: boolean): Result<string> {
  if (!text) return ok(`http://${reachableName(host)}:${port}`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    return fail(
      'invalid',
      'PUBLIC_URL must be an http or https URL without user, query or fragment, e.g. https://plans.example.org.',
    );
  }
  // Tokens and children's records would cross the network in the clear.
  if (production && url.protocol === 'http:' && !isLoopbackHost(url.hostname))
    return fail('invalid', 'PUBLIC_URL must be https in production (http only for this machine itself).');
  return ok(text.replace(/\/+$/, ''));
}

function reachableName(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
