import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { AppClient } from './hospital.ts';
import type { HospitalOptions } from './open-hospital.ts';

/** What the command line asks for. */
export interface Arguments {
  port: number;
  hospitals: HospitalOptions[];
  clients: AppClient[];
  cdsServices: string[];
  stateDir?: string;
}

export const usage = `Usage: npm run sandbox -- [options]
  --bundles <path>            file or folder of transaction bundles for the hospital "lakeside" (repeatable)
  --hospital <id>=<path>,…    a hospital and its bundles (repeatable); --hospital <id>:open=<path> sets its personality
  --personality vendor|open   personality of hospitals that name none (default vendor)
  --careweave <url>           where Careweave is (default http://127.0.0.1:8080)
  --client <id>=<jwks>        a client and its public keys: address or file (repeatable; default careweave=<careweave>/.well-known/jwks.json)
  --state-dir <folder>        where keys and written resources are kept (default .data/sandbox)
  --port <number>             default 8090`;

const clientScopes = 'system/*.cruds user/*.rs patient/*.rs launch openid fhirUser';

function pair(text: string, flag: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1 || at === text.length - 1) throw new Error(`--${flag} needs <id>=<value>.`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function client(text: string, careweave: string): AppClient {
  const [id, where] = pair(text, 'client');
  const isAddress = /^https?:\/\//.test(where);
  if (!isAddress && !existsSync(where)) throw new Error(`--client ${id}: there is no file ${where}.`);
  return {
    id,
    name: id.charAt(0).toUpperCase() + id.slice(1),
    jwks: isAddress ? { url: where } : (JSON.parse(readFileSync(where, 'utf8')) as { keys: object[] }),
    scopes: clientScopes,
    launchUrl: `${careweave}/launch`,
    redirectUris: [`${careweave}/launch/callback`],
  };
}

function hospital(text: string, personality: string): HospitalOptions {
  const [name, paths] = pair(text, 'hospital');
  const [id = '', own] = name.split(':');
  const missing = paths.split(',').find((path) => !existsSync(path));
  if (missing !== undefined) throw new Error(`--hospital ${id}: there is no file or folder ${missing}.`);
  return { id, personality: own ?? personality, paths: paths.split(',') };
}

/** Reads the command line. Throws an Error with one sentence when something is wrong. */
export function readArguments(argv: string[]): Arguments {
  const { values } = parseArgs({
    args: argv,
    options: {
      port: { type: 'string', default: '8090' },
      bundles: { type: 'string', multiple: true, default: [] },
      hospital: { type: 'string', multiple: true, default: [] },
      personality: { type: 'string', default: 'vendor' },
      careweave: { type: 'string', default: 'http://127.0.0.1:8080' },
      client: { type: 'string', multiple: true, default: [] },
      'state-dir': { type: 'string', default: '.data/sandbox' },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error('--port needs a number from 0 to 65535.');
  const careweave = values.careweave.replace(/\/$/, '');
  const named =
    values.bundles.length > 0 ? [...values.hospital, `lakeside=${values.bundles.join(',')}`] : values.hospital;
  const hospitals = named.map((text) => hospital(text, values.personality));
  const registered = values.client.length > 0 ? values.client : [`careweave=${careweave}/.well-known/jwks.json`];
  return {
    port,
    hospitals: hospitals.length > 0 ? hospitals : [{ id: 'lakeside', personality: values.personality }],
    clients: registered.map((text) => client(text, careweave)),
    cdsServices: ['careweave-care-management', 'careweave-shared-plan'].map((id) => `${careweave}/cds-services/${id}`),
    stateDir: values['state-dir'],
  };
}
