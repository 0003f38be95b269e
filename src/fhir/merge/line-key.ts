import { stringifyJson } from '../json.ts';
import { isObject } from '../search/walk-path.ts';

/** Lines without anything that tells them apart but their whole content. */
const byContent = '= ';

/**
 * What makes two lines of a list the same line: what they point to, their own id, the code they say, an extension's URL with whom or what it is
 * about; else all that they say.
 */
function lineKey(line: unknown): string {
  if (!isObject(line) || JSON.isRawJSON(line)) return `${byContent}${stringifyJson(line)}`;
  if (typeof line.id === 'string') return `id ${line.id}`;
  const target = pointedTo(line) ?? (isObject(line.reference) ? pointedTo(line.reference) : undefined);
  if (target !== undefined) return `${pointing}${target}`;
  if (typeof line.url === 'string') return `extension ${line.url} ${aboutWhat(line)}`;
  if (typeof line.code === 'string' && typeof line.system === 'string') return `code ${line.system}|${line.code}`;
  return `${byContent}${stringifyJson(line)}`;
}

const pointing = 'to ';

export const isByContent = (key: string) => key.startsWith(byContent);
export const isPointing = (key: string) => key.startsWith(pointing);

/** The resource, else the business identifier of a Reference. Versions do not count. */
function pointedTo({ reference, identifier }: Record<string, unknown>): string | undefined {
  if (typeof reference === 'string') return reference.split('/_history/')[0];
  if (!isObject(identifier) || typeof identifier.value !== 'string') return undefined;
  return `${String(identifier.system ?? '')}|${identifier.value}`;
}

/** Whose answer, which level: what tells several extensions of one URL apart. */
function aboutWhat({ extension }: Record<string, unknown>): string {
  for (const part of Array.isArray(extension) ? extension : []) {
    if (!isObject(part)) continue;
    const { valueReference, valueCoding } = part;
    if (isObject(valueReference)) return pointedTo(valueReference) ?? '';
    if (isObject(valueCoding)) return `${String(valueCoding.system)}|${String(valueCoding.code)}`;
  }
  return '';
}

/** The lines of a list by key; of lines with one key the second has a key of its own, so that none is lost. */
export function byKey(lines: readonly unknown[]): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const line of lines) {
    const key = lineKey(line);
    let own = key;
    for (let again = 2; found.has(own); again += 1) own = `${key} (${again})`;
    found.set(own, line);
  }
  return found;
}
