/** What of a measure's ELM its criteria can reach. Source: CQL 1.5, ELM (urn:hl7-org:elm:r1). */

type Node = Record<string, unknown>;

/** A value set as a library declares it. */
export interface DeclaredValueSet {
  /** Name of the library and of the declaration in it, for messages. */
  library: string;
  name: string;
  url: string;
  version?: string;
}

export interface Reach {
  /** Names that are asked for and not defined in the main library. */
  missing: string[];
  /** Every value set that something reached looks at, once per canonical. */
  valueSets: DeclaredValueSet[];
}

interface ElmLibrary {
  id: string;
  version: string;
  /** All definitions and functions with this name (overloads). */
  statements: ReadonlyMap<string, Node[]>;
  parameters: ReadonlyMap<string, Node[]>;
  valueSets: ReadonlyMap<string, Node[]>;
  /** By local name. */
  includes: ReadonlyMap<string, { path: string; version: string }>;
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const textOf = (node: unknown, key: string): string => {
  const value = isNode(node) ? node[key] : undefined;
  return typeof value === 'string' ? value : '';
};

/** The name of an included library; a namespace before it, which the libraries at hand need not share, is left out. */
function pathOf(node: Node): string {
  return textOf(node, 'path').replace(/^.*\//, '');
}

function partsOf(library: Node, part: string): Node[] {
  const section = library[part];
  const definitions = isNode(section) ? section.def : undefined;
  return Array.isArray(definitions) ? definitions.filter(isNode) : [];
}

function byName(nodes: readonly Node[]): Map<string, Node[]> {
  const named = new Map<string, Node[]>();
  for (const node of nodes) named.set(textOf(node, 'name'), [...(named.get(textOf(node, 'name')) ?? []), node]);
  return named;
}

/** Name and version of a library, and which libraries it includes. */
export function headOf(elm: unknown): { id: string; version: string; includes: { path: string; version: string }[] } {
  const library = isNode(elm) && isNode(elm.library) ? elm.library : {};
  const includes = partsOf(library, 'includes').map((node) => ({
    path: pathOf(node),
    version: textOf(node, 'version'),
  }));
  return { id: textOf(library.identifier, 'id'), version: textOf(library.identifier, 'version'), includes };
}

function read(elm: unknown): ElmLibrary {
  const library = isNode(elm) && isNode(elm.library) ? elm.library : {};
  const { id, version } = headOf(elm);
  return {
    id,
    version,
    statements: byName(partsOf(library, 'statements')),
    parameters: byName(partsOf(library, 'parameters')),
    valueSets: byName(partsOf(library, 'valueSets')),
    includes: new Map(
      partsOf(library, 'includes').map((node) => [
        textOf(node, 'localIdentifier'),
        { path: pathOf(node), version: textOf(node, 'version') },
      ]),
    ),
  };
}

/**
 * Follows everything in the first library through expressions, functions (every overload) and includes, and looks for `names` in it. A library that is not among `elms`
 * is not followed: FHIRHelpers is known to the engine itself.
 */
export function reachOf(elms: readonly unknown[], names: readonly string[]): Reach {
  const libraries = elms.map(read);
  const [main] = libraries;
  const missing = new Set<string>();
  const found = new Map<string, DeclaredValueSet>();
  const done = new Set<string>();
  const open: { library: ElmLibrary; node: unknown }[] = [];

  const included = (library: ElmLibrary, alias: string): ElmLibrary | undefined => {
    if (alias === '') return library;
    const wanted = library.includes.get(alias);
    return libraries.find(
      ({ id, version }) => id === wanted?.path && (wanted.version === '' || version === wanted.version),
    );
  };
  const follow = (library: ElmLibrary | undefined, kind: 'statements' | 'parameters' | 'valueSets', name: string) => {
    const key = `${library?.id}|${library?.version}|${kind}|${name}`;
    if (!library || done.has(key)) return;
    done.add(key);
    for (const node of library[kind].get(name) ?? []) {
      if (kind === 'valueSets') {
        // The version may hang on the URL.
        const [url = '', hanging = ''] = textOf(node, 'id').split('|');
        const version = textOf(node, 'version') || hanging;
        found.set(`${url}|${version}`, { library: library.id, name, url, ...(version !== '' && { version }) });
      } else open.push({ library, node });
    }
  };
  // The engine compiles the main library whole.
  for (const name of main?.statements.keys() ?? []) follow(main, 'statements', name);
  for (const name of names) if (main?.statements.has(name) !== true) missing.add(name);
  for (let next = open.pop(); next; next = open.pop()) {
    const { library, node } = next;
    if (typeof node !== 'object' || node === null) continue;
    if (isNode(node)) {
      const target = () => included(library, textOf(node, 'libraryName'));
      const name = textOf(node, 'name');
      if (node.type === 'ExpressionRef' || node.type === 'FunctionRef') follow(target(), 'statements', name);
      if (node.type === 'ParameterRef') follow(target(), 'parameters', name);
      if (node.type === 'ValueSetRef') follow(target(), 'valueSets', name);
    }
    for (const [key, child] of Object.entries(node)) {
      if (key === 'annotation' || key === 'signature' || key.endsWith('TypeSpecifier')) continue;
      // The value set of a membership test is a reference that need not say its type.
      if (key === 'valueset' && isNode(child))
        follow(included(library, textOf(child, 'libraryName')), 'valueSets', textOf(child, 'name'));
      open.push({ library, node: child });
    }
  }
  return { missing: [...missing], valueSets: [...found.values()].sort((a, b) => (a.url < b.url ? -1 : 1)) };
}
