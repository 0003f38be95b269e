import { readFileSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import type { House } from '../app.ts';
import { fail, ok, type Result } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { importOperation } from '../care/reconcile/import/import-operation.ts';
import type { Resource, r4 } from '../fhir/types.ts';
import type { FhirContext } from '../http/fhir-request.ts';
import { createBundle } from '../http/interactions/bundle.ts';
import { checkedAlone } from '../http/interactions/write-steps.ts';
import { createPageLinks } from '../http/page-links.ts';
import type { Command, CommandInput, OperationParameters, OperationRequest } from '../module.ts';

const types: Readonly<Record<string, string>> = { '.xml': 'text/xml', '.csv': 'text/csv' };

/** `plan import <file>`: what `CarePlan/$import` does with a document, by every rule that a client of full rights meets. */
export function planCommands(house: House): Command[] {
  return [
    {
      name: 'plan import',
      summary: 'Imports plans of care: a C-CDA Care Plan (.xml) of one child, or a table of plans (.csv).',
      takes: ['file'],
      options: {
        patient: { kind: 'text', help: 'of a C-CDA document: the child, as Patient/id' },
        check: { kind: 'flag', help: 'only tell what would be imported and what is missing' },
      },
      administers: true,
      run: (input) => importFile(house, input),
    },
  ];
}

async function importFile(house: House, input: CommandInput): Promise<Result<void>> {
  const binary = readBinary(input.arguments.file ?? '');
  if (!binary.ok) return binary;
  const isCheck = input.flag('check');
  const request = requestOf(house, binary.value, input.text('patient'), isCheck);
  const answer = await importOperation({ clock: house.clock, policy: house.access.policy.get }).handle(request);
  if (!answer.ok) return answer;
  for (const line of linesOf(answer.value, isCheck)) input.print(line);
  return ok(undefined);
}

function readBinary(file: string): Result<Resource> {
  const contentType = types[extname(file).toLowerCase()];
  if (contentType === undefined) return fail('invalid', 'The file has to be an .xml or .csv file.');
  try {
    if (statSync(file).size > limits.care.documentBytes) return fail('too-large', 'The document is too large.');
    return ok({ resourceType: 'Binary', contentType, data: readFileSync(file).toString('base64') });
  } catch {
    return fail('not-found', 'The file cannot be read.');
  }
}

function requestOf(house: House, binary: Resource, patient: string | undefined, isCheck: boolean): OperationRequest {
  const context = contextOf(house);
  const parameters: OperationParameters = {
    text: (name) => (name === 'patient' ? patient : undefined),
    texts: (name) => (name === 'patient' && patient !== undefined ? [patient] : []),
    resource: (name) => (name === 'resource' ? binary : undefined),
  };
  const { principal, store, actor } = context;
  return {
    ...{ principal, store, parameters, requestId: actor.requestId },
    transact: async (body) => {
      if (isCheck) return ok({ resourceType: 'Bundle', type: 'transaction-response' });
      const written = await runBundle({ method: 'POST', query: [], body }, context);
      return written.ok ? ok(written.value.resource ?? { resourceType: 'Bundle' }) : written;
    },
    check: async (resource) => {
      const checked = await checkedAlone(resource, resource.resourceType, context);
      return checked.ok ? ok(undefined) : checked;
    },
  };
}

const runBundle = createBundle(async () => fail('not-allowed', 'A command writes in one transaction.'));

function contextOf({ store, definitions, validate, clock, config, pageKey }: House): FhirContext {
  const id = 'command-line';
  const interactions = new Set(['c', 'r', 'u', 's'] as const);
  return {
    principal: { kind: 'system', id, clientId: id, scopes: [{ level: 'system', type: '*', interactions }] },
    actor: { kind: 'system', id, requestId: newId() },
    ...{ store, definitions, validate, clock },
    baseUrl: `${config.publicUrl}/fhir`,
    pageLinks: createPageLinks(pageKey, clock),
  };
}

function linesOf({ parameter }: Resource, isCheck: boolean): string[] {
  const imported: r4.ParametersParameter[] = Array.isArray(parameter) ? parameter : [];
  return imported.flatMap(({ part = [] }, index) => {
    const texts = (name: string) => part.flatMap((one) => (one.name === name ? [`  ${one.valueString ?? ''}`] : []));
    const reference = part.find(({ name }) => name === 'plan')?.valueReference?.reference?.split('/_history')[0];
    const plan = isCheck || !reference ? `Plan ${index + 1} of the file` : reference;
    const missing = texts('missing');
    const leftOut = texts('left-out');
    return [
      missing.length === 0 ? `${plan} meets our profile.` : `${plan} lacks ${missing.length} things:`,
      ...missing,
      ...(leftOut.length > 0 ? ['  Not taken over:', ...leftOut.map((line) => `  ${line}`)] : []),
    ];
  });
}
