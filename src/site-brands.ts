import { readFileSync, statSync } from 'node:fs';
import { type Brands, createBrands } from './auth/brands/brands.ts';
import { type Brand, ownBrand, readBrands } from './auth/brands/read-brands.ts';
import { fail, ok, type Result } from './base/errors.ts';
import type { Config } from './config.ts';

/** The brands in the site's file, or the one that its address makes. Errors: `invalid`, in one sentence. */
export function siteBrands(
  { brandsFile, publicUrl }: Pick<Config, 'brandsFile' | 'publicUrl'>,
  now: Date,
): Result<Brands> {
  if (brandsFile === undefined) return made(ownBrand(publicUrl), publicUrl, now);
  let text: string;
  let changed: Date;
  try {
    text = readFileSync(brandsFile, 'utf8');
    changed = statSync(brandsFile).mtime;
  } catch (cause) {
    return fail('invalid', 'BRANDS_FILE cannot be read: name a file that is there.', { cause });
  }
  const brands = readBrands(text, publicUrl);
  return brands.ok ? made(brands.value, publicUrl, changed) : brands;
}

function made([first, ...more]: readonly Brand[], publicUrl: string, changed: Date): Result<Brands> {
  if (!first) return fail('invalid', 'BRANDS_FILE has no brand.');
  return ok(createBrands([first, ...more], publicUrl, changed));
}
