import { createHash } from 'node:crypto';
import { SaxesParser } from 'saxes';
import type { Issue } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { r4 } from '../../fhir/types.ts';
import { decode, type Included, typeOf } from './library-text.ts';

/** What a Library of type `model-definition` holds: a model that CQL may be written over, as the translator reads it. */
export interface ModelText {
  resource: r4.Library;
  /** As the text says. */
  name: string;
  version: string;
  xml: string;
  /** Of the text: what was translated with it is known by this. */
  hash: string;
  requires: readonly Included[];
  issues: Issue[];
}

const xmlTypes = ['application/xml', 'text/xml'];
const namespace = 'urn:hl7-org:elm-modelinfo:r1';

/** The type of a Library of model information. */
export const modelDefinition = {
  system: 'http://terminology.hl7.org/CodeSystem/library-type',
  code: 'model-definition',
};

/** Whether the Library is one of model information. Its type alone says so: other Libraries may hold XML too. */
export function isModelDefinition({ type }: { type?: r4.CodeableConcept }): boolean {
  return (
    type?.coding?.some(({ system, code }) => system === modelDefinition.system && code === modelDefinition.code) ===
    true
  );
}

/** Reads the model information of a Library. Problems have places in the Library. Source: CQL 1.5, model information (urn:hl7-org:elm-modelinfo:r1). */
export function readModel(resource: r4.Library): ModelText {
  const { content = [] } = resource;
  const index = content.findIndex(
    ({ contentType = '', data }) => xmlTypes.includes(typeOf(contentType)) && data !== undefined,
  );
  const read: ModelText = { resource, name: '', version: '', xml: '', hash: '', requires: [], issues: [] };
  const refuse = (code: string, text: string): ModelText => {
    const place = index < 0 ? 'Library.content' : `Library.content[${index}]`;
    const called = resource.name ?? resource.url ?? '';
    return { ...read, issues: [{ code, text: `Library ${called}: ${text}`, expression: [place] }] };
  };
  if (index < 0) return refuse('required', 'a model-definition has its model info as application/xml.');
  const xml = decode(content[index]?.data ?? '')?.replace(/^\uFEFF/, '');
  if (xml === undefined) return refuse('structure', 'its model info is not text (UTF-8) in base64.');
  if (xml.length > limits.measures.modelLength) return refuse('too-costly', 'its model info is too long.');
  const head = headOfModel(xml);
  if (typeof head === 'string') return refuse('structure', head);
  return { ...read, ...head, xml, hash: createHash('sha256').update(xml).digest('hex') };
}

/** Which model it is and which others it needs, or what is wrong with the text. Nothing that it names is ever fetched, and no entity expanded. */
function headOfModel(xml: string): Pick<ModelText, 'name' | 'version' | 'requires'> | string {
  const requires: Included[] = [];
  let root: Included | undefined;
  let depth = 0;
  const parser = new SaxesParser({ xmlns: true, position: true });
  const stop = (text: string): never => {
    throw new Refused(text);
  };
  parser.on('doctype', () => stop('its model info has a document type (DTD), which is not read.'));
  parser.on('error', () => stop(`its model info is not well-formed XML (line ${parser.line}).`));
  parser.on('opentag', ({ local, uri, attributes }) => {
    depth += 1;
    if (depth > limits.measures.modelDepth)
      stop(`its model info is nested deeper than ${limits.measures.modelDepth} levels.`);
    const said: Included = { name: attributes.name?.value ?? '', version: attributes.version?.value ?? '' };
    if (depth === 1) {
      if (local !== 'modelInfo' || uri !== namespace) stop(`its XML is no modelInfo of ${namespace}.`);
      root = said;
    } else if (depth === 2 && local === 'requiredModelInfo' && uri === namespace) {
      requires.push(said);
      if (requires.length > limits.measures.models)
        stop(`its model info requires more than ${limits.measures.models} models.`);
    }
  });
  parser.on('closetag', () => {
    depth -= 1;
  });
  try {
    parser.write(xml).close();
  } catch (fault) {
    if (fault instanceof Refused) return fault.message;
    throw fault;
  }
  if (!root || !isName(root)) return 'its model info does not say which model it is (name and version).';
  if (!requires.every(({ name }) => /^\w+$/.test(name))) return 'its model info requires a model without a name.';
  return { ...root, requires };
}

class Refused extends Error {}

/** They are put into CQL as they are. */
const isName = ({ name, version }: Included) => /^[A-Za-z]\w*$/.test(name) && /^\w[\w.+-]*$/.test(version);
