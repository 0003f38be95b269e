import type { CareError } from '../../base/errors.ts';
import type { Resource } from '../types.ts';

export type BundleMethod = 'DELETE' | 'POST' | 'PUT' | 'PATCH' | 'GET' | 'HEAD';

/** One request of a batch or transaction, checked for shape. */
export interface PlannedEntry {
  /** Place in `Bundle.entry`, from 0. */
  index: number;
  method: BundleMethod;
  /** Resource type in the URL; '' for what is of the system, and for `*` of a compartment. */
  type: string;
  id?: string;
  /** The resource whose compartment is searched. */
  compartment?: { type: string; id: string };
  /** `Type/id/_history/<version>`; '' for the history itself. */
  version?: string;
  /** What stands behind `?`: criteria of a conditional request, or of a search. Still URL-encoded. */
  query?: string;
  /** Name behind `$`. */
  operation?: string;
  ifNoneExist?: string;
  ifMatch?: string;
  ifNoneMatch?: string;
  ifModifiedSince?: string;
  fullUrl?: string;
  resource?: Resource;
}

/** Batch only: an entry that cannot be carried out; its error is its own response. */
export interface RefusedEntry {
  index: number;
  refused: CareError;
}

export interface BundlePlan {
  type: 'batch' | 'transaction';
  /** In the order of the bundle, all of them; a transaction has no refused ones. */
  entries: (PlannedEntry | RefusedEntry)[];
  /** Indexes of the entries to carry out, in processing order: DELETE, POST, PUT and PATCH, GET and HEAD (R4, http.html#trules). */
  order: number[];
}

export function isRefused(entry: PlannedEntry | RefusedEntry): entry is RefusedEntry {
  return 'refused' in entry;
}
