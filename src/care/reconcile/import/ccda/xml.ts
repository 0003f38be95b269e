import { SaxesParser } from 'saxes';
import { fail, ok, type Result } from '../../../../base/errors.ts';
import { limits } from '../../../../base/limits.ts';

/** An element of HL7 v3: its name without prefix, its attributes likewise. */
export interface XmlElement {
  name: string;
  /** `sdtc` extensions have another namespace than `urn:hl7-org:v3`. */
  namespace: string;
  attributes: Readonly<Record<string, string>>;
  children: XmlElement[];
  /** Texts and elements in their order. */
  content: (string | XmlElement)[];
}

/**
 * The root element of an XML text. A document type is refused, and with it every entity but the five of XML itself; so is what is nested too deep
 * or has too many elements. Error texts never quote the document.
 */
export function readXml(text: string): Result<XmlElement> {
  const parser = new SaxesParser({ xmlns: true, position: true });
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  let count = 0;
  parser.on('doctype', () => refuse('A document type (DTD) is not accepted.'));
  parser.on('error', () => refuse(`It is no well-formed XML (line ${parser.line}).`));
  parser.on('xmldecl', ({ encoding }) => {
    if (encoding !== undefined && !/^(utf-?8|us-ascii)$/i.test(encoding)) refuse('The encoding has to be UTF-8.');
  });
  parser.on('opentag', ({ local, uri, attributes }) => {
    count += 1;
    if (count > limits.care.documentElements) refuse('It has too many elements.');
    if (open.length >= limits.care.documentDepth) refuse('It is nested too deep.');
    const own: Record<string, string> = Object.create(null);
    for (const { local: name, value, prefix } of Object.values(attributes)) if (prefix !== 'xmlns') own[name] = value;
    open.push({ name: local, namespace: uri, attributes: own, children: [], content: [] });
  });
  const say = (piece: string) => open.at(-1)?.content.push(piece);
  parser.on('text', say);
  parser.on('cdata', say);
  parser.on('closetag', () => {
    const closed = open.pop();
    const parent = open.at(-1);
    if (!closed) return;
    if (!parent) root = closed;
    parent?.children.push(closed);
    parent?.content.push(closed);
  });
  try {
    parser.write(text).close();
  } catch (error) {
    if (error instanceof Refused) return fail('invalid', error.message, { code: 'structure' });
    throw error;
  }
  return root ? ok(root) : fail('invalid', 'It is no XML document.', { code: 'structure' });
}

/** All text within, in its order, up to a bound: nobody reads more of one entry. */
export function textOf(element: XmlElement): string {
  let text = '';
  const add = ({ name, content }: XmlElement): void => {
    if (breaking.has(name)) text += ' ';
    for (const piece of content) {
      if (text.length > limits.care.wordsLength) return;
      if (typeof piece === 'string') text += piece;
      else add(piece);
    }
    if (breaking.has(name)) text += ' ';
  };
  add(element);
  return text.slice(0, limits.care.wordsLength);
}

/** Elements of the narrative between which a reader sees a gap. */
const breaking: ReadonlySet<string> = new Set([
  ...['br', 'item', 'paragraph', 'td', 'th', 'tr', 'caption', 'table', 'list'],
]);

class Refused extends Error {}

function refuse(text: string): never {
  throw new Refused(text);
}

export function childOf(element: XmlElement | undefined, ...path: string[]): XmlElement | undefined {
  let at = element;
  for (const name of path) at = at?.children.find((one) => one.name === name);
  return at;
}

export function childrenOf(element: XmlElement | undefined, name: string): XmlElement[] {
  return element?.children.filter((one) => one.name === name) ?? [];
}

/** Templates by their roots, whatever their version. */
export function hasTemplate(element: XmlElement, ...roots: string[]): boolean {
  return childrenOf(element, 'templateId').some(({ attributes }) => roots.includes(attributes.root ?? ''));
}

/** Every element within, itself first. */
export function* allOf(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of element.children) yield* allOf(child);
}
