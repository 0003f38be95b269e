import type { PrivacyAnswer, PrivacyHouse } from '../support/privacy-house.ts';

/** What a request has brought. */
export interface Brought {
  status: number;
  /** `Type/id` of the records in the answer. */
  found: Set<string>;
  total?: number;
  /** `Type/id` of everything the answer names, be it in a reference, in words or in a link to elsewhere. */
  named: Set<string>;
  next?: string;
}

const nothing = (status: number): Brought => ({ status, found: new Set(), named: new Set() });

/** Asks all of them as one viewer: together in batches, or one by one where a batch is refused as a whole. */
export async function askAll(house: PrivacyHouse, viewer: string, urls: readonly string[]): Promise<Brought[]> {
  const all: Brought[] = [];
  for (let from = 0; from < urls.length; from += 50) {
    const some = urls.slice(from, from + 50);
    const entry = some.map((url) => ({ request: { method: 'GET', url } }));
    const { status, json } = await house.as(viewer, 'POST', '', { resourceType: 'Bundle', type: 'batch', entry });
    if (status === 200) {
      for (const { response, resource } of json.entry)
        all.push(brought(Number(String(response.status).slice(0, 3)), resource));
    } else for (const url of some) all.push(await askOne(house, viewer, url));
  }
  return all;
}

export async function askOne(house: PrivacyHouse, viewer: string, url: string): Promise<Brought> {
  const { status, json } = await house.as(viewer, 'GET', `/${url}`);
  return brought(status, json);
}

function brought(status: number, body: any): Brought {
  if (status !== 200 || body === undefined) return nothing(status);
  if (body.resourceType === 'Parameters') return { ...nothing(status), named: namedIn(body) };
  if (body.resourceType !== 'Bundle') return { status, found: new Set([nameOf(body)]), named: namedIn(body) };
  const { link = [], entry = [], ...rest } = body;
  const resources = entry.flatMap(({ resource }: any) => (resource ? [resource] : []));
  const next = link.find(({ relation }: any) => relation === 'next')?.url;
  return {
    status,
    found: new Set(resources.map(nameOf)),
    named: namedIn({ ...rest, entry }),
    ...(body.total !== undefined && { total: body.total }),
    ...(next !== undefined && { next }),
  };
}

const nameOf = ({ resourceType, id }: { resourceType: string; id: string }) => `${resourceType}/${id}`;

function namedIn(body: unknown): Set<string> {
  return new Set([...JSON.stringify(body).matchAll(/\b[A-Z][A-Za-z]+\/pv-[A-Za-z0-9-]+/g)].map(([name]) => name));
}

/** Everything of an answer that must not differ between what is hidden and what never was. */
export function outwardOf({ status, headers, text }: PrivacyAnswer): string {
  const told = [...headers].filter(([name]) => !['date', 'x-request-id', 'content-length'].includes(name));
  return JSON.stringify([status, told.sort(), text]);
}
