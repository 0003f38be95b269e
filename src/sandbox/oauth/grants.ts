import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';

/** What an access token stands for. */
export interface Grant {
  clientId: string;
  scopes: string[];
  /** Patient in context: the token sees this patient's records only. */
  patient?: string;
  /** Id of the Practitioner who launched. */
  practitioner?: string;
}

/** A launch a clinician began by opening an app from a chart. */
interface Launch {
  clientId: string;
  patient: string;
  practitioner: string;
}

/** What an authorization code is bound to. */
export interface PendingCode extends Grant {
  redirectUri: string;
  codeChallenge: string;
  nonce?: string;
}

/** Everything short-lived of one hospital, in memory: a restart ends all sessions, as a restart may. */
export interface Grants {
  issueToken(grant: Grant): { accessToken: string; expiresIn: number };
  /** The grant behind an Authorization header, or undefined. */
  bearer(header: string | undefined): Grant | undefined;
  startLaunch(launch: Launch): string;
  /** Single use: a second call for the same launch gives undefined. */
  takeLaunch(id: string): Launch | undefined;
  issueCode(pending: PendingCode): string;
  takeCode(code: string): PendingCode | undefined;
  /** True the first time an assertion id of a client is seen. */
  firstUse(clientId: string, jti: string, untilSeconds: number): boolean;
}

/** A map whose entries end; secrets are kept as hashes only. */
function expiring<T>(clock: Clock, lifeSeconds: number) {
  const entries = new Map<string, { value: T; endsAt: number }>();
  const keyOf = (secret: string) => createHash('sha256').update(secret).digest('base64url');
  const prune = (now: number) => {
    for (const [key, entry] of entries) if (entry.endsAt <= now) entries.delete(key);
  };
  return {
    put(secret: string, value: T, seconds = lifeSeconds) {
      const now = clock.now().getTime();
      prune(now);
      entries.set(keyOf(secret), { value, endsAt: now + seconds * 1000 });
    },
    get(secret: string): T | undefined {
      const entry = entries.get(keyOf(secret));
      return entry && entry.endsAt > clock.now().getTime() ? entry.value : undefined;
    },
    take(secret: string): T | undefined {
      const value = this.get(secret);
      entries.delete(keyOf(secret));
      return value;
    },
  };
}

const secret = () => randomBytes(32).toString('base64url');

export function createGrants(clock: Clock): Grants {
  const expiresIn = limits.auth.backendTokenSeconds;
  const tokens = expiring<Grant>(clock, expiresIn);
  const launches = expiring<Launch>(clock, limits.auth.launchLifeSeconds);
  const codes = expiring<PendingCode>(clock, limits.auth.codeLifeSeconds);
  const assertions = expiring<true>(clock, limits.auth.assertionSeconds);
  return {
    issueToken(grant) {
      const accessToken = secret();
      tokens.put(accessToken, grant);
      return { accessToken, expiresIn };
    },
    bearer(header) {
      const token = /^Bearer ([\w-]+)$/i.exec(header ?? '')?.[1];
      return token === undefined ? undefined : tokens.get(token);
    },
    startLaunch(launch) {
      const id = secret();
      launches.put(id, launch);
      return id;
    },
    takeLaunch: (id) => launches.take(id),
    issueCode(pending) {
      const code = secret();
      codes.put(code, pending);
      return code;
    },
    takeCode: (code) => codes.take(code),
    firstUse(clientId, jti, untilSeconds) {
      const name = JSON.stringify([clientId, jti]);
      if (assertions.get(name)) return false;
      assertions.put(name, true, Math.max(1, untilSeconds));
      return true;
    },
  };
}
