/** A code of a code system. `system`, `version` and `display` are null where not known. Source: CQL 1.5, Code. */
export class Code {
  readonly code: string | null;
  readonly system: string | null;
  readonly version: string | null;
  readonly display: string | null;

  constructor(
    code: string | null,
    system: string | null = null,
    version: string | null = null,
    display: string | null = null,
  ) {
    this.code = code;
    this.system = system;
    this.version = version;
    this.display = display;
  }

  /** `system|code`: what two equivalent codes share. */
  get key(): string {
    return `${this.system ?? ''}|${this.code ?? ''}`;
  }
}

/** One meaning, in the codes of one or more code systems. Source: CQL 1.5, Concept. */
export class Concept {
  readonly codes: readonly Code[];
  readonly display: string | null;

  constructor(codes: readonly Code[], display: string | null = null) {
    this.codes = codes;
    this.display = display;
  }
}

/** A value set with its codes. Source: CQL 1.5, ValueSet (a Vocabulary). */
export class ValueSet {
  readonly id: string;
  readonly version: string | null;
  readonly codes: readonly Code[];
  readonly #systems = new Map<string, Set<string>>();
  readonly #bare: ReadonlySet<string>;

  constructor(id: string, version: string | null, codes: readonly Code[]) {
    this.id = id;
    this.version = version;
    this.codes = codes;
    this.#bare = new Set(codes.map(({ code }) => code ?? ''));
    for (const { system, code } of codes) {
      const known = this.#systems.get(system ?? '');
      if (known) known.add(code ?? '');
      else this.#systems.set(system ?? '', new Set([code ?? '']));
    }
  }

  /** Whether it lists the code in its system. */
  has({ system, code }: Code): boolean {
    return this.#systems.get(system ?? '')?.has(code ?? '') === true;
  }

  /** The codes that it lists of a system; undefined when there are none. */
  codesOf(system: string): ReadonlySet<string> | undefined {
    return this.#systems.get(system);
  }

  /** Whether it lists a code in any system: how CQL asks for a bare string. */
  hasText(code: string): boolean {
    return this.#bare.has(code);
  }
}

/** A code system. Its codes are not known: a code is taken to be in it when it says so. Source: CQL 1.5, CodeSystem (a Vocabulary). */
export class CodeSystem {
  readonly id: string;
  readonly version: string | null;

  constructor(id: string, version: string | null = null) {
    this.id = id;
    this.version = version;
  }
}
