import { constantOf } from './constant.ts';
import { textOf } from './elm.ts';
import type { Definition, Library } from './libraries.ts';
import { Refusal } from './refusal.ts';
import { type NodeCompiler, readName, type Site } from './site.ts';
import type { ElmNode } from './types.ts';

/** The library that a reference names, the one it stands in when it names none. */
export function targetLibrary(node: ElmNode, site: Site): Library {
  const alias = textOf(node, 'libraryName');
  if (alias === undefined || alias === '') return site.library;
  const target = site.library.includes.get(alias);
  if (!target) throw new Refusal(`there is no included library "${alias}".`, site.place, node.locator);
  return target;
}

/** The definition that a reference names. */
export function definitionOf(node: ElmNode, site: Site): Definition {
  const library = targetLibrary(node, site);
  const definition = library.definitions.get(textOf(node, 'name') ?? '');
  if (!definition)
    throw new Refusal(
      `${node.type} "${textOf(node, 'name')}" leads to no definition of ${library.id}.`,
      site.place,
      node.locator,
    );
  return definition;
}

export const expressionRef: NodeCompiler = (node, site) => site.program.definition(definitionOf(node, site), site);

const local: NodeCompiler = (node, site) => {
  const name = textOf(node, 'name') ?? '';
  const read = readName(site, name);
  if (!read) throw new Refusal(`${node.type} "${name}" leads nowhere.`, site.place, node.locator);
  return read;
};

export const operandRef: NodeCompiler = local;
export const aliasRef: NodeCompiler = local;
export const queryLetRef: NodeCompiler = local;

export const parameterRef: NodeCompiler = (node, site) => {
  const library = targetLibrary(node, site);
  const name = textOf(node, 'name') ?? '';
  const parameter = library.parameters.get(name);
  if (!parameter)
    throw new Refusal(`ParameterRef "${name}" leads to no parameter of ${library.id}.`, site.place, node.locator);
  return site.program.parameter(parameter, library, site);
};

export const valueSetRef: NodeCompiler = (node, site) => constantOf(site.program.vocabulary.valueSet(node, site));
export const codeSystemRef: NodeCompiler = (node, site) => constantOf(site.program.vocabulary.codeSystem(node, site));
export const codeRef: NodeCompiler = (node, site) => constantOf(site.program.vocabulary.code(node, site));
export const conceptRef: NodeCompiler = (node, site) => constantOf(site.program.vocabulary.concept(node, site));
