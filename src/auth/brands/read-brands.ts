import { fail, ok, type Result } from '../../base/errors.ts';

/** One name under which families know this site. */
export interface Brand {
  /** A URL that is this brand's for good. */
  identifier: string;
  name: string;
  aliases: readonly string[];
  website: string;
  logo?: string;
  /** City, state and postal code of its places, by which apps search. */
  places: readonly { city?: string; state?: string; postalCode?: string }[];
  portal: { name: string; url: string; whoMayConnect: string };
}

/** Said where a site says nothing else (SC-181). */
const whoMayConnect =
  'Parents and guardians of the children in our care, for each child by itself, and teens with an account of their own. ' +
  'Some parts of a teen’s record are for the teen alone.';

/** The brand of a site that has written none: its own address, under which it is reached. */
export function ownBrand(publicUrl: string): readonly Brand[] {
  const { host } = new URL(publicUrl);
  const portal = { name: 'Careweave', url: `${publicUrl}/`, whoMayConnect };
  return [
    { identifier: publicUrl, name: `Careweave at ${host}`, aliases: [], website: `${publicUrl}/`, places: [], portal },
  ];
}

/**
 * The brands of a site from its file: `{"brands": [{"identifier": "https://…", "name": "…", "website": "https://…", "aliases": [],
 * "logo": "https://…", "places": [{"city": "…", "state": "…", "postalCode": "…"}], "portal": {"name": "…", "url": "https://…",
 * "whoMayConnect": "…"}}]}`. The first is the one that discovery names. Errors: `invalid`, with what is wrong in one sentence.
 */
export function readBrands(text: string, publicUrl: string): Result<readonly Brand[]> {
  const content = parsed(text);
  const list = isRecord(content) && Array.isArray(content.brands) ? content.brands : undefined;
  if (!list || list.length === 0) return refuse('it is no JSON object with a list of brands');
  const brands: Brand[] = [];
  for (const entry of list) {
    const brand = isRecord(entry) ? brandOf(entry, publicUrl) : 'a brand is no object';
    if (typeof brand === 'string') return refuse(brand);
    brands.push(brand);
  }
  if (new Set(brands.map(({ identifier }) => identifier)).size < brands.length)
    return refuse('two brands have one identifier');
  return ok(brands);
}

function refuse(problem: string) {
  return fail('invalid', `BRANDS_FILE cannot be used: ${problem}.`);
}

/** The brand, or what is wrong with it. */
function brandOf(entry: Record<string, unknown>, publicUrl: string): Brand | string {
  const names = ['identifier', 'name', 'website', 'aliases', 'logo', 'places', 'portal'];
  const unknown = Object.keys(entry).find((name) => !names.includes(name));
  if (unknown !== undefined) return `a brand has no ${unknown.slice(0, 40)}`;
  const { identifier, name, website, logo, aliases = [], places = [], portal = {} } = entry;
  if (!isText(name)) return 'a brand needs a name';
  if (!isAddress(identifier)) return 'a brand needs an identifier that is an https URL';
  if (!isAddress(website)) return 'a brand needs a website that is an https URL';
  if (logo !== undefined && !isAddress(logo)) return 'a logo is an https URL';
  if (!Array.isArray(aliases) || !aliases.every(isText)) return 'aliases are a list of names';
  if (!Array.isArray(places) || !places.every(isPlace)) return 'places are a list of city, state and postalCode';
  if (!isRecord(portal)) return 'a portal is an object';
  const { name: portalName = name, url = `${publicUrl}/`, whoMayConnect: who = whoMayConnect } = portal;
  if (!isText(portalName) || !isText(who) || (url !== `${publicUrl}/` && !isAddress(url)))
    return 'a portal has a name, an https url and whoMayConnect';
  const brand: Brand = {
    identifier,
    name,
    website,
    aliases,
    places,
    portal: { name: portalName, url: String(url), whoMayConnect: who },
  };
  return logo === undefined ? brand : { ...brand, logo };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= 1000;
}

function isAddress(value: unknown): value is string {
  return isText(value) && URL.canParse(value) && new URL(value).protocol === 'https:';
}

function isPlace(value: unknown): value is Brand['places'][number] {
  if (!isRecord(value)) return false;
  return Object.entries(value).every(([name, text]) => ['city', 'state', 'postalCode'].includes(name) && isText(text));
}
