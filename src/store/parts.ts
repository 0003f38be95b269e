import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Definitions } from '../fhir/definitions.ts';
import type { IndexEntries } from '../fhir/search/extract.ts';
import type { Resource } from '../fhir/types.ts';
import type { Inheritance } from './categories.ts';
import type { Numbers } from './numbers.ts';
import type { Remembered } from './search/remembered.ts';
import type { Catalog } from './search-parameters/catalog.ts';
import type { ShapeName } from './shape-names.ts';
import type { Tx, WriteCheck, WriteConclusion, WriteEffect } from './types.ts';

/** What the store is told from outside, besides the database. */
export interface StoreParts {
  definitions: Definitions;
  /** Our own address: records of ours that are named by it are kept as `Type/id`, which is how every rule reads them. */
  baseUrl?: string;
  /** What a search can find the resource by: createExtractor of fhir/search/extract.ts. */
  extract: (resource: Resource) => IndexEntries;
  /** The privacy categories that a record has by its own content, a bit each; pure. Absent: none. */
  categorize?: (resource: Resource) => bigint;
  /** By which references it also has those of other records: `categories.ts`. The same as `keepInheritance` was given. */
  inherits?: () => Inheritance;
  /** Waited for before each transaction: by what `categorize` goes is known. */
  ready?: () => Promise<void>;
  /** What stays on a record whoever writes it: the new version, with labels of the one before put back, or what a family is not told. */
  keep?: (before: Resource, after: Resource, tx: Tx) => Promise<Resource>;
  checks: readonly WriteCheck[];
  effects: readonly WriteEffect[];
  conclusions?: readonly WriteConclusion[];
  /** Search parameters added while running; its `definitions` are the ones above. Absent: there are none, and cannot be. */
  catalog?: Catalog;
  /** Names for the statements of searches that come again. */
  shapeName?: ShapeName;
  /** What searches found that took long; not within transactions, which see what others do not. */
  remembered?: Remembered;
  /** Remembers the numbers that names become; without it each is worked out. */
  numbers?: Numbers;
  clock: Clock;
  log: Logger;
}
