import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { version } from '../src/version.ts';

test('the version of the software is the one of the package', () => {
  const { version: packaged } = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8'));
  expect(version).toBe(packaged);
});
