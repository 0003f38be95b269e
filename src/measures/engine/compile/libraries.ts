import { entriesOf, identifierOf, libraryOf, nodeOf, nodesOf, textOf } from './elm.ts';
import { Refusal } from './refusal.ts';
import type { ElmNode } from './types.ts';

/** One library, its names looked up once and for all. */
export interface Library {
  /** Its text; undefined for what is known natively. */
  readonly elm: ElmNode | undefined;
  readonly id: string;
  readonly version: string;
  /** By the name that this library gave them. */
  readonly includes: Map<string, Library>;
  readonly definitions: ReadonlyMap<string, Definition>;
  /** Overloads by name, in the order of the text. */
  readonly functions: ReadonlyMap<string, readonly FunctionDefinition[]>;
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly valueSets: ReadonlyMap<string, ElmNode>;
  readonly codes: ReadonlyMap<string, ElmNode>;
  readonly concepts: ReadonlyMap<string, ElmNode>;
  readonly codeSystems: ReadonlyMap<string, ElmNode>;
}

export interface Definition {
  readonly library: Library;
  readonly name: string;
  readonly context: string;
  readonly node: ElmNode;
  /** Where the whole definition stands in the text. */
  readonly locator: string | undefined;
  /** Its place among the definitions of a run. */
  readonly slot: number;
}

export interface FunctionDefinition {
  readonly library: Library;
  readonly name: string;
  readonly context: string;
  readonly operands: readonly { name: string; type: ElmNode | undefined }[];
  /** Undefined for an external function. */
  readonly node: ElmNode | undefined;
}

export interface Parameter {
  readonly name: string;
  readonly slot: number;
  readonly node: ElmNode;
}

/** The main library linked with all that it includes, and how many slots a run needs. */
export interface Linked {
  main: Library;
  libraries: readonly Library[];
  definitionSlots: number;
  parameterSlots: number;
}

/** FHIRHelpers is known natively: its text may be absent. */
export const helpersId = 'FHIRHelpers';

/**
 * Finds what includes what. A version that is asked for has to be there; where none is asked for, or FHIRHelpers is, any will do. Throws a Refusal
 * that names the library which is missing or no ELM.
 */
export function linkLibraries(main: unknown, others: readonly unknown[]): Linked {
  const texts = others.map((elm) => {
    const library = libraryOf(elm);
    if (!library) throw new Refusal('An included library is not ELM: it has no "library".');
    return { ...identifierOf(library), library };
  });
  const known = new Map<ElmNode, Library>();
  const slots = { definitions: 0, parameters: 0 };

  const link = (elm: ElmNode): Library => {
    const done = known.get(elm);
    if (done) return done;
    const library = readLibrary(elm, slots);
    known.set(elm, library);
    for (const include of entriesOf(elm, 'includes')) {
      const local = textOf(include, 'localIdentifier') ?? '';
      // A name may carry a namespace, which the libraries at hand need not share.
      const id = (textOf(include, 'path') ?? '').replace(/^.*\//, '');
      const version = textOf(include, 'version');
      const candidates = texts.filter((text) => text.id === id);
      const found = candidates.find((text) => version === undefined || text.version === version);
      const target = found ?? (id === helpersId ? candidates[0] : undefined);
      if (target) library.includes.set(local, link(target.library));
      else if (id === helpersId) library.includes.set(local, nativeHelpers(version));
      else
        throw new Refusal(
          `Library ${library.id} includes ${id}${version ? ` version ${version}` : ''}, which is not among the libraries of the measure.`,
        );
    }
    return library;
  };

  const root = libraryOf(main);
  if (!root) throw new Refusal('The main library is not ELM: it has no "library".');
  const linked = link(root);
  return {
    main: linked,
    libraries: [...known.values()],
    definitionSlots: slots.definitions,
    parameterSlots: slots.parameters,
  };
}

function readLibrary(elm: ElmNode, slots: { definitions: number; parameters: number }): Library {
  const definitions = new Map<string, Definition>();
  const functions = new Map<string, FunctionDefinition[]>();
  const parameters = new Map<string, Parameter>();
  const library: Library = {
    elm,
    ...identifierOf(elm),
    includes: new Map(),
    definitions,
    functions,
    parameters,
    valueSets: byName(elm, 'valueSets'),
    codes: byName(elm, 'codes'),
    concepts: byName(elm, 'concepts'),
    codeSystems: byName(elm, 'codeSystems'),
  };
  for (const node of entriesOf(elm, 'statements')) {
    const name = textOf(node, 'name') ?? '';
    const context = textOf(node, 'context') ?? 'Patient';
    const body = nodeOf(node, 'expression');
    if (node.type === 'FunctionDef') {
      const operands = nodesOf(node, 'operand').map((operand) => ({
        name: textOf(operand, 'name') ?? '',
        type: nodeOf(operand, 'operandTypeSpecifier') ?? named(textOf(operand, 'operandType')),
      }));
      const overloads = functions.get(name) ?? [];
      overloads.push({ library, name, context, operands, node: node.external === true ? undefined : body });
      functions.set(name, overloads);
    } else if (body && !definitions.has(name)) {
      definitions.set(name, { library, name, context, node: body, locator: node.locator, slot: slots.definitions++ });
    } else {
      throw new Refusal(
        body ? 'it is defined twice.' : 'it has no expression.',
        { library: library.id, expression: name },
        node.locator,
      );
    }
  }
  for (const node of entriesOf(elm, 'parameters')) {
    const name = textOf(node, 'name') ?? '';
    parameters.set(name, { name, slot: slots.parameters++, node });
  }
  return library;
}

function byName(elm: ElmNode, section: string): Map<string, ElmNode> {
  return new Map(entriesOf(elm, section).map((node) => [textOf(node, 'name') ?? '', node]));
}

function named(name: string | undefined): ElmNode | undefined {
  return name === undefined ? undefined : { type: 'NamedTypeSpecifier', name };
}

function nativeHelpers(version: string | undefined): Library {
  const none = new Map<string, never>();
  return {
    elm: undefined,
    id: helpersId,
    version: version ?? '',
    includes: new Map(),
    definitions: none,
    functions: none,
    parameters: none,
    valueSets: none,
    codes: none,
    concepts: none,
    codeSystems: none,
  };
}
