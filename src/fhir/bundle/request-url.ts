import { isCompartmentType } from '../compartment-params.ts';

/** What a `request.url` of a Bundle entry speaks of. */
export interface RequestTarget {
  /** '' for a system-level operation, the history or a search of the system, and `*` of a compartment. */
  type: string;
  id?: string;
  /** The resource whose compartment is searched. */
  compartment?: { type: string; id: string };
  /** '' for `_history` without a version. */
  version?: string;
  query?: string;
  operation?: string;
}

const shape =
  /^(?<type>[A-Z][A-Za-z]+)?(?:(?<=\w)\/(?<id>[A-Za-z0-9\-.]{1,64}))?(?<history>(?:^|\/)_history(?:(?<=\/_history)\/(?<version>[A-Za-z0-9\-.]{1,64}))?)?(?:\/?\$(?<operation>[A-Za-z][A-Za-z0-9-]*))?$/;

const inCompartment = /^(?<of>[A-Z][A-Za-z]+)\/(?<id>[A-Za-z0-9\-.]{1,64})\/(?<type>\*|[A-Z][A-Za-z]+)$/;

/**
 * Splits `Patient/1?x=y`, also with a leading slash or under our own base. Undefined for other servers' URLs and for what a
 * Bundle cannot hold (`metadata`, `_search`).
 */
export function splitRequestUrl(url: string, baseUrl: string): RequestTarget | undefined {
  const base = `${baseUrl.replace(/\/+$/, '')}/`;
  const relative = (url.startsWith(base) ? url.slice(base.length) : url).replace(/^\//, '');
  const mark = relative.indexOf('?');
  const path = mark < 0 ? relative : relative.slice(0, mark);
  const query = mark < 0 ? '' : relative.slice(mark + 1);
  if (path === '' && query !== '') return { type: '', query };
  const within = inCompartment.exec(path)?.groups;
  if (within && isCompartmentType(within.of ?? '')) {
    const { of = '', id = '', type = '' } = within;
    const target: RequestTarget = { type: type === '*' ? '' : type, compartment: { type: of, id } };
    return query === '' ? target : { ...target, query };
  }
  const groups = shape.exec(path)?.groups;
  if (!groups || (groups.type === undefined && groups.operation === undefined && groups.history === undefined))
    return undefined;
  // A version is one of a resource, and an operation is asked of no history.
  if (
    groups.history !== undefined &&
    (groups.operation !== undefined || (groups.version !== undefined && groups.id === undefined))
  )
    return undefined;
  const target: RequestTarget = { type: groups.type ?? '' };
  if (groups.id !== undefined) target.id = groups.id;
  if (groups.history !== undefined) target.version = groups.version ?? '';
  if (groups.operation !== undefined) target.operation = groups.operation;
  if (query !== '') target.query = query;
  return target;
}
