import type { Issue } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { r4 } from '../../fhir/types.ts';
import { headOf, isNode } from '../definition/reach.ts';

/** A library that is included, as CQL or ELM names it. */
export interface Included {
  name: string;
  /** '' when any will do. */
  version: string;
}

/** What a Library resource holds of a CQL library. */
export interface LibraryText {
  resource: r4.Library;
  /** As the text says; of neither text nor ELM: as the resource says. */
  name: string;
  version: string;
  cql?: string;
  /** Preferred to the CQL when there are both. */
  elm?: unknown;
  includes: readonly Included[];
  /** Models that its CQL is written over. */
  models: readonly Included[];
  issues: Issue[];
}

const elmJson = ['application/elm+json', 'application/json+elm'];
const cqlText = ['text/cql'];

/** Reads `Library.content`. Problems have places in the Library. Source: CQF measures, computable libraries. */
export function readLibrary(resource: r4.Library): LibraryText {
  const { content = [] } = resource;
  const called = resource.name ?? resource.url ?? '';
  const issues: Issue[] = [];
  const problem = (code: string, index: number, text: string) => {
    issues.push({ code, text: `Library ${called}: ${text}`, expression: [`Library.content[${index}]`] });
  };
  const dataOf = (types: readonly string[]) => {
    const index = content.findIndex(
      ({ contentType = '', data }) => types.includes(typeOf(contentType)) && data !== undefined,
    );
    return index < 0 ? undefined : { index, text: decode(content[index]?.data ?? '') };
  };
  const read: LibraryText = {
    resource,
    name: resource.name ?? '',
    version: resource.version ?? '',
    includes: [],
    models: [],
    issues,
  };
  const cql = dataOf(cqlText);
  if (cql) {
    if (cql.text === undefined) problem('structure', cql.index, 'its CQL is not text in base64.');
    else if (cql.text.length > limits.measures.cqlLength) problem('too-costly', cql.index, 'its CQL is too long.');
    else Object.assign(read, { cql: cql.text }, headOfCql(cql.text));
  }
  const elm = dataOf(elmJson);
  if (elm) {
    const parsed = parseElm(elm.text);
    if (typeof parsed === 'string') problem('structure', elm.index, parsed);
    else {
      const { id, version, includes } = headOf(parsed);
      Object.assign(read, { elm: parsed, name: id, version });
      read.includes = includes.map(({ path, version: wanted }) => ({ name: path, version: wanted }));
    }
  }
  const isXml = content.some(({ contentType = '' }) => typeOf(contentType) === 'application/elm+xml');
  if (!cql && !elm && isXml)
    problem('not-supported', 0, 'ELM in XML is not read here: send application/elm+json or text/cql.');
  return read;
}

/** A content type without its parameters. */
export function typeOf(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase();
}

/** Undefined for what is no UTF-8 in base64. */
export function decode(data: string): string | undefined {
  // White space first: a pattern with both would look at each place of a long run of it again and again.
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(data.replace(/\s+/g, ''))) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(data, 'base64'));
  } catch {
    return undefined;
  }
}

/** ELM, or what is wrong with it. */
function parseElm(text: string | undefined): unknown {
  const { elmBytes, elmDepth } = limits.measures;
  if (text === undefined) return 'its ELM is not text in base64.';
  if (text.length > elmBytes) return 'its ELM is too long.';
  let elm: unknown;
  try {
    elm = JSON.parse(text);
  } catch {
    return 'its ELM is not JSON.';
  }
  if (!isNode(elm) || !isNode(elm.library)) return 'its ELM has no library.';
  if (headOf(elm).id === '') return 'its ELM does not say which library it is (library.identifier.id).';
  if (isDeeperThan(elm, elmDepth)) return `its ELM is nested deeper than ${elmDepth} levels.`;
  return elm;
}

/** By levels, not by calls: what is being measured must not be what breaks. */
function isDeeperThan(value: unknown, bound: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > bound) return true;
    level = level.flatMap((node) => (typeof node === 'object' && node !== null ? Object.values(node) : []));
  }
  return false;
}

const identifier = String.raw`(?:"([^"\n]+)"|([\w.-]+))`;
const versionPart = String.raw`(?:\s+version\s+'([^']*)')?`;
/** Not over the end of a line: else a long run of empty ones would be gone through from each of them. */
const lineStart = String.raw`^[^\S\r\n\u2028\u2029]*`;
/** Texts, and comments, whichever begins first: `//` in a text begins no comment, nor does `/*` behind `//`. What is not closed goes on to the end. */
const textOrComment =
  /('(?:[^'\\]|\\[\s\S]?)*(?:'|$)|"(?:[^"\\]|\\[\s\S]?)*(?:"|$))|\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\r\n]*/g;

/** Name, version, models and includes of CQL, read before it is translated: what it names has to be fetched first. */
export function headOfCql(cql: string): Included & { models: Included[]; includes: Included[] } {
  // A word `include` in a comment is none.
  const text = cql.replace(textOrComment, (_all, kept?: string) => kept ?? ' ');
  const own = new RegExp(`${lineStart}library\\s+${identifier}${versionPart}`, 'm').exec(text);
  const named = (word: string) =>
    [...text.matchAll(new RegExp(`${lineStart}${word}\\s+${identifier}${versionPart}`, 'gm'))].map(includedBy);
  const { name, version } = own ? includedBy(own) : { name: '', version: '' };
  return { name, version, models: named('using'), includes: named('include') };
}

/** A namespace before the name is left out, as it is where libraries are matched. */
function includedBy([, quoted, plain = '', version = '']: RegExpExecArray | RegExpMatchArray): Included {
  return { name: quoted ?? plain.replace(/^.*\./, ''), version };
}

/** Versions compare as numbers part by part: 1.10 is newer than 1.9. */
export function newestFirst(a: { version?: string }, b: { version?: string }): number {
  return (b.version ?? '').localeCompare(a.version ?? '', 'en', { numeric: true });
}
