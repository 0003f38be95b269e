import type { Beside, Reader, ShownBefore, Store, Stored, Tx } from '../../store/types.ts';

/** Hears of every version that was read, and of what was read before and is told again. */
export interface Note {
  one(stored: Stored): void;
  again(before: ShownBefore): void;
  /** What tells of this read in its own statement, if it may; called once with what came of it, `one` is not. */
  beside?(type: string, id: string): { beside: Beside; done(stored: Stored | undefined): void } | undefined;
}

/**
 * The store as one request uses it: whatever leaves it is noted, so that no path of an answer can forget to tell of it. What is written
 * tells of itself (record-writes.ts). `begun`: a transaction begins, or is tried again.
 */
export function watchStore(store: Store, note: Note, begun: () => void): Store {
  return {
    ...store,
    ...watchedReads(store, note),
    readSeen: async (type, id, visibility) => {
      const told = note.beside?.(type, id);
      if (told) {
        try {
          const stored = await store.readBeside(type, id, visibility, told.beside);
          told.done(stored);
          return stored;
        } catch {
          // Told the other way, or refused there.
        }
      }
      const stored = await store.readSeen(type, id, visibility);
      if (stored) note.one(stored);
      return stored;
    },
    unwatched: store.unwatched ?? store,
    transact: (actor, work) =>
      store.transact(actor, (tx) => {
        begun();
        return work(watchTx(tx, note));
      }),
  };
}

function watchTx(tx: Tx, note: Note): Tx {
  return { ...tx, ...watchedReads(tx, note) };
}

function watchedReads(reader: Reader, note: Note) {
  const one = (stored: Stored | undefined) => {
    if (stored) note.one(stored);
    return stored;
  };
  const all = (some: readonly Stored[]) => {
    for (const stored of some) note.one(stored);
  };
  return {
    read: async (type, id) => one(await reader.read(type, id)),
    readSeen: async (type, id, visibility) => one(await reader.readSeen(type, id, visibility)),
    readMany: async (references) => {
      const found = await reader.readMany(references);
      all(found);
      return found;
    },
    readVersion: async (type, id, version) => one(await reader.readVersion(type, id, version)),
    history: async (type, id, page) => {
      const found = await reader.history(type, id, page);
      if (found.ok) all(found.value.versions);
      return found;
    },
    historyOf: async (wanted, visibility) => {
      const found = await reader.historyOf(wanted, visibility);
      if (found.ok) all(found.value.versions);
      return found;
    },
    compartment: async (wanted, visibility) => {
      const found = await reader.compartment(wanted, visibility);
      if (found.ok) all(found.value.matches);
      return found;
    },
    stillShows: async (before, visibility) => {
      const still = await reader.stillShows(before, visibility);
      if (still) note.again(before);
      return still;
    },
    recordsOf: async (patientIds, types) => {
      const found = await reader.recordsOf(patientIds, types);
      all(found.map(({ stored }) => stored));
      return found;
    },
    search: async (query, visibility) => {
      const found = await reader.search(query, visibility);
      if (found.ok) {
        all(found.value.matches);
        all(found.value.included);
      }
      return found;
    },
  } satisfies Partial<Reader>;
}
