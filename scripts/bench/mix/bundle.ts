import { randomUUID } from 'node:crypto';
import type { Named } from './chart.ts';

/** The resources as a transaction that creates them: ids become `urn:uuid:` names, so the same bundle can be sent again and again. */
export function creatingBundle(resources: readonly Named[]): string {
  const names = new Map(resources.map(({ resourceType, id }) => [`${resourceType}/${id}`, `urn:uuid:${randomUUID()}`]));
  const entry = resources.map(({ id, ...resource }) => ({
    fullUrl: names.get(`${resource.resourceType}/${id}`),
    resource,
    request: { method: 'POST', url: resource.resourceType },
  }));
  return renamed(JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }), names);
}

/** A transaction that puts the resources under their own ids. */
export function puttingBundle(resources: readonly Named[]): string {
  const entry = resources.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  return JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry });
}

function renamed(text: string, names: ReadonlyMap<string, string>): string {
  return text.replace(/"reference":"([A-Za-z]+\/[^"]+)"/g, (whole, name: string) => {
    const urn = names.get(name);
    return urn === undefined ? whole : `"reference":"${urn}"`;
  });
}
