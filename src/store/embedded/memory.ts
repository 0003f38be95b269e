import { totalmem } from 'node:os';

const megabyte = 1024 * 1024;

/** What PostgreSQL is told of memory, in MB. */
export interface MemorySettings {
  sharedBuffers: number;
  effectiveCacheSize: number;
  workMem: number;
  maintenanceWorkMem: number;
}

/**
 * The rule: an eighth of the machine's memory (or of the container's limit) for pages in PostgreSQL, from 128 MB to 4 GB, because the
 * server, the operating system's cache and whoever else lives on the machine want the rest; the planner may count on half of it being
 * cache; a sort may take a 512th of it, from 16 to 64 MB, as some of the pool's connections sort at once.
 */
export function memorySettings(bytes = machineMemory()): MemorySettings {
  const all = bytes / megabyte;
  const between = (least: number, value: number, most: number) => Math.round(Math.min(most, Math.max(least, value)));
  return {
    sharedBuffers: between(128, all / 8, 4096),
    effectiveCacheSize: between(512, all / 2, 65_536),
    workMem: between(16, all / 512, 64),
    maintenanceWorkMem: between(128, all / 32, 512),
  };
}

function machineMemory(): number {
  // 0 or an absurdly large number where no limit is set.
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
