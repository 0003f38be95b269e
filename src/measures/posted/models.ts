import type { Issue } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { ModelTask } from '../translate.ts';
import { type Included, newestFirst } from './library-text.ts';
import type { ModelText } from './model-text.ts';

/** Models that the translator needs for a text, and what is wrong with them. */
export interface FoundModels {
  /** In an order that is the same for the same models. */
  models: readonly ModelTask[];
  /** What they were looked for by: see `modelKey`, and ids and URLs of their Libraries. */
  lookedAt: readonly string[];
  missing: Issue[];
  broken: Issue[];
}

/** Those that the translator brings. FHIR of another version is its own complaint. */
const builtIn = new Set(['System', 'FHIR']);

/** Whether any of them has to be looked for. */
export function usesModels(uses: readonly Included[]): boolean {
  return uses.some(({ name }) => !builtIn.has(name));
}

/** By what a measure knows a model that it uses, in whatever Library it comes, and whether it is here or not. */
export function modelKey(name: string): string {
  return `model ${name}`;
}

/** The models that a library uses, and those that they require: each in the version asked for, else in the newest. */
export function findModels(uses: readonly Included[], here: readonly ModelText[], place: string): FoundModels {
  const found = new Map<string, ModelText>();
  const lookedAt = new Set<string>();
  const missing: Issue[] = [];
  const broken: Issue[] = [];
  const refuse = (code: string, text: string) => broken.push({ code, text, expression: [place] });

  const follow = (wanted: Included, way: readonly ModelText[]) => {
    if (builtIn.has(wanted.name)) return;
    lookedAt.add(modelKey(wanted.name));
    const named = here.filter(({ name }) => name === wanted.name).sort(newestFirst);
    const model = named.find(({ version }) => wanted.version === '' || version === wanted.version);
    if (!model) {
      missing.push({ code: 'not-found', text: absent(wanted, named), expression: [place] });
      return;
    }
    for (const name of [model.resource.id, model.resource.url]) if (name !== undefined) lookedAt.add(name);
    if (way.includes(model)) {
      refuse('invalid', `The models ${[...way, model].map(told).join(', ')} require each other in a circle.`);
      return;
    }
    const key = told(model);
    if (found.has(key)) return;
    if (found.size >= limits.measures.models) {
      refuse('too-costly', `The CQL needs more than ${limits.measures.models} models.`);
      return;
    }
    found.set(key, model);
    if (named.some((other) => other.version === model.version && other.hash !== model.hash))
      refuse('multiple-matches', `The model ${key} is here more than once in the same version.`);
    for (const required of model.requires) follow(required, [...way, model]);
  };
  for (const wanted of uses) follow(wanted, []);
  const models = [...found.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { name, version, xml, hash }]) => ({ name, version, xml, hash }));
  return { models, lookedAt: [...lookedAt], missing, broken };
}

const told = ({ name, version }: Included) => (version === '' ? name : `${name} ${version}`);

function absent(wanted: Included, others: readonly ModelText[]): string {
  const versions = others.map(({ version }) => version).join(', ');
  const beside = versions === '' ? '' : ` (of it are here: ${versions})`;
  return `The model ${told(wanted)} is not here for translation${beside}: post its model info as a Library of type model-definition, or send the library as ELM (application/elm+json).`;
}
