import { describe, expect, test } from '@jest/globals';
import { memorySettings } from '../../src/store/embedded/memory.ts';

const gigabyte = 2 ** 30;

describe('what PostgreSQL takes of the memory', () => {
  test('is the least it runs well with on a small machine', () => {
    expect(memorySettings(gigabyte / 2)).toEqual({
      sharedBuffers: 128,
      effectiveCacheSize: 512,
      workMem: 16,
      maintenanceWorkMem: 128,
    });
  });
  test('is an eighth of an ordinary one, and half of it counted as cache', () => {
    expect(memorySettings(16 * gigabyte)).toMatchObject({ sharedBuffers: 2048, effectiveCacheSize: 8192, workMem: 32 });
  });
  test('has an end on a large one', () => {
    expect(memorySettings(1024 * gigabyte)).toEqual({
      sharedBuffers: 4096,
      effectiveCacheSize: 65_536,
      workMem: 64,
      maintenanceWorkMem: 512,
    });
  });
  test('of this machine is never more than there is', () => {
    const { sharedBuffers, effectiveCacheSize } = memorySettings();
    expect(sharedBuffers).toBeLessThanOrEqual(4096);
    expect(effectiveCacheSize).toBeGreaterThanOrEqual(sharedBuffers);
  });
});
