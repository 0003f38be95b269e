import type { GuardedFetch } from '../../base/guarded-fetch.ts';
import { type Consents, createConsents } from '../consent/remembered.ts';
import { createTransactions, type Transactions } from '../consent/transactions.ts';
import { createOwnCookies, type OwnCookies } from '../cookies.ts';
import { type Directory, emptyDirectory } from '../launch-context/directory.ts';
import type { AuthDeps } from '../types.ts';
import { type Accounts, createAccounts } from './accounts.ts';
import { type AddressLimit, createAddressLimit } from './address-limit.ts';
import { type Credentials, createCredentials } from './credentials.ts';
import { createEnrolments, type Enrolments } from './enrolments.ts';
import { createPasswords, type Passwords } from './passwords.ts';
import { createProviders, type Providers } from './providers.ts';
import { createSealing, type Sealing } from './sealing.ts';
import { createSteps, type Steps } from './steps.ts';

/** What the pages for people work with, besides what every endpoint does. */
export interface PeopleRoom {
  cookies: OwnCookies;
  directory: Directory;
  transactions: Transactions;
  consents: Consents;
  accounts: Accounts;
  credentials: Credentials;
  enrolments: Enrolments;
  passwords: Passwords;
  providers: Providers;
  /** The way out to the sign-on at this origin; to be closed after use. */
  providerFetch(origin: string): GuardedFetch;
  sealing: Sealing;
  steps: Steps;
  addressLimit: AddressLimit;
}

export function createPeopleRoom(deps: AuthDeps): PeopleRoom {
  const { sql, clock, resourceTypes, publicUrl, guardedFetch, directory = emptyDirectory } = deps;
  const sealing = createSealing(sql);
  return {
    cookies: createOwnCookies(publicUrl),
    directory,
    transactions: createTransactions({ sql, clock }),
    consents: createConsents({ sql, clock, resourceTypes }),
    accounts: createAccounts({ sql, clock }),
    credentials: createCredentials({ sql, clock, sealing }),
    enrolments: createEnrolments({ sql, clock }),
    passwords: createPasswords(deps.passwordCosts),
    providers: createProviders({ sql, clock, sealing }),
    providerFetch: deps.providerFetch ?? (() => Object.assign(guardedFetch.bind(undefined), { close: async () => {} })),
    sealing,
    steps: createSteps({ sql, clock }),
    addressLimit: createAddressLimit({ sql, clock, sealing }),
  };
}
