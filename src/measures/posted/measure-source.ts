import type { Issue, Result } from '../../base/errors.ts';
import type { Definitions } from '../../fhir/definitions.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Reader } from '../../store/types.ts';
import type { DeclaredValueSet } from '../definition/reach.ts';
import { newestFirst } from './library-text.ts';
import { type ModelText, readModel } from './model-text.ts';
import type { MeasureSource } from './posted-measure.ts';
import { storedContent } from './stored-content.ts';
import type { Translations } from './translations.ts';
import { expanded } from './value-sets.ts';

/** What the terminology is asked. */
export interface ValueSetTerminology {
  /** A value set that is built in. */
  builtIn(url: string, version?: string): r4.ValueSet | undefined;
  /** Its codes, or why they cannot be told exactly. */
  expand(reader: Reader, valueSet: r4.ValueSet): Promise<Result<readonly { system: string; code: string }[]>>;
}

export interface SourceDeps {
  definitions: Pick<Definitions, 'searchParams' | 'types'>;
  translations: Translations;
  terminology: ValueSetTerminology;
  /** Value sets and shared libraries that come with this house. */
  shipped: { valueSets: readonly r4.ValueSet[] };
}

/** The parts of measures as a reader of the store sees them: within a transaction with what it has written. */
export function measureSource(reader: Reader, deps: SourceDeps): MeasureSource {
  const content = storedContent(reader, deps.definitions);
  let models: Promise<readonly ModelText[]> | undefined;
  return {
    types: deps.definitions.types,
    byUrl: async (urls) => (await content.byUrl('Library', urls)).map(({ resource }) => resource),
    named: async (name) => (await content.librariesNamed(name)).map(({ resource }) => resource),
    models() {
      models ??= content.modelDefinitions().then((found) => found.map(({ resource }) => readModel(resource)));
      return models;
    },
    translate: (task) => deps.translations.translate(task, reader),
    async valueSets(declared) {
      const urls = [...new Set(declared.map(({ url }) => url))];
      const stored = (await content.byUrl('ValueSet', urls)).map(({ resource }) => resource);
      return Promise.all(
        declared.map(async (each) => {
          const found = choose(each, stored, deps);
          if (!found) return undefined;
          const codes = await expanded(found, (set) => deps.terminology.expand(reader, set));
          return codes.ok ? codes.value : issueOf(codes.error.issues[0]);
        }),
      );
    },
  };
}

/** A user's before ours, then the newest; ours as shipped where the store has none (before it was published). */
function choose(
  { url, version }: DeclaredValueSet,
  stored: readonly r4.ValueSet[],
  { shipped, terminology }: SourceDeps,
): r4.ValueSet | undefined {
  const fits = (set: r4.ValueSet) => set.url === url && (version === undefined || set.version === version);
  const ours = shipped.valueSets.filter(fits);
  const isOurs = (set: r4.ValueSet) => ours.some(({ id }) => id === set.id);
  const [newest] = stored.filter((set) => fits(set) && !isOurs(set)).sort(newestFirst);
  return newest ?? stored.find((set) => fits(set)) ?? ours[0] ?? terminology.builtIn(url, version);
}

function issueOf(issue: Issue | undefined): Issue {
  return issue ?? { code: 'processing', text: 'its codes cannot be told.' };
}
