import { textOf } from './elm.ts';
import { elementOf } from './property.ts';
import { Refusal } from './refusal.ts';
import { type NodeCompiler, readName } from './site.ts';

/** A name that the translator left open: in a sort, an element of what is sorted; else what can be seen, or a definition. */
export const identifierRef: NodeCompiler = (node, site) => {
  const name = textOf(node, 'name') ?? '';
  const local = readName(site, name);
  if (local) return local;
  const self = readName(site, '$this');
  if (self) return (frame) => elementOf(self(frame), name);
  const definition = site.library.definitions.get(name);
  if (definition) return site.program.definition(definition, site);
  throw new Refusal(`IdentifierRef "${name}" leads nowhere.`, site.place, node.locator);
};
