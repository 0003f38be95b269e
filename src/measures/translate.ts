import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { SystemModelInfoProvider } from '@cqframework/cql/cql';
import {
  CqlCompilerOptions,
  CqlTranslator,
  createLibrarySourceProvider,
  createModelInfoProvider,
  LibraryManager,
  ModelManager,
  stringAsSource,
} from '@cqframework/cql/cql-to-elm';
import { headOf } from './definition/reach.ts';
import { fhirHelpers, fhirHelpersName } from './fhir-helpers.ts';
import { createUnitCheck } from './ucum-service.ts';

/** One complaint of the translator. Lines and columns count from 1. */
export interface TranslationProblem {
  /** Name of the library that it is in; absent: the one that was translated. */
  library?: string;
  severity: 'error' | 'warning' | 'information';
  line: number;
  column: number;
  text: string;
}

export interface Translation {
  /** ELM as JSON: `{ library: … }`. Not fit to run when `problems` has an error. */
  elm: unknown;
  problems: TranslationProblem[];
}

/** A model besides FHIR 4.0.1, as its model info says it in XML (urn:hl7-org:elm-modelinfo:r1). `hash`: of that text. */
export interface ModelTask {
  name: string;
  version: string;
  xml: string;
  hash: string;
}

/** The parts of an ELM file that the translator's complaints are read from. */
interface ElmAnnotation {
  type?: string;
  libraryId?: string;
  startLine?: number;
  startChar?: number;
  message?: string;
  errorSeverity?: string;
}

/**
 * A remark on every retrieve with a value set in a library that converts FHIR's types itself instead of including FHIRHelpers. It
 * says nothing about the result: the engine tests membership in the retrieve.
 */
const noMembershipOperator = 'Could not resolve membership operator for terminology target of the retrieve.';

/**
 * Makes a CQL-to-ELM translator for FHIR 4.0.1, and for the models that come with a text. It is slow to make (about a second: it reads the FHIR model), so the build
 * makes one and uses it for every measure.
 * `sourceOf` finds the CQL of a library that is included; without it, or where it finds none, an `include` is an error of the text, but
 * FHIRHelpers is always there, in any version.
 * Source: CQL 1.5, https://cql.hl7.org/N1/04-logicalspecification.html.
 */
export function createTranslator(
  sourceOf: (name: string, version: string | undefined) => string | undefined = () => undefined,
): (cql: string, models?: readonly ModelTask[]) => Translation {
  const fhirModel = readFileSync(
    createRequire(import.meta.url).resolve('cql-exec-fhir/lib/modelInfos/fhir-modelinfo-4.0.1.xml'),
    'utf8',
  );
  const managerOf = modelManagers(fhirModel);
  const { EnableLocators, DisableListDemotion, DisableListPromotion } = CqlCompilerOptions.Options;
  const options = new CqlCompilerOptions();
  options.setOptions([EnableLocators, DisableListDemotion, DisableListPromotion]);
  const units = createUnitCheck();
  const included = createLibrarySourceProvider((name, _system, version) => {
    const isHelpers = name === fhirHelpersName;
    const source = isHelpers ? fhirHelpers(fhirModel, version ?? '4.0.1') : sourceOf(name, version ?? undefined);
    return source === undefined ? null : stringAsSource(source);
  });
  return (cql, models = []) => {
    const libraries = new LibraryManager(managerOf(models), options, undefined, units);
    libraries.librarySourceLoader.registerProvider(included);
    const translator = CqlTranslator.fromText(cql, libraries);
    const elm: { library?: { annotation?: ElmAnnotation[] } } = JSON.parse(translator.toJson());
    const problems = (elm.library?.annotation ?? [])
      .filter(({ type, message }) => type === 'CqlToElmError' && message !== noMembershipOperator)
      .map((annotation) => problemOf(annotation, headOf(elm).id));
    return { elm, problems: [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()] };
  };
}

/**
 * What the translator knows of models: one for FHIR alone, and the last that was asked for with others beside it. Each reads them once, and holds one version
 * of each.
 */
function modelManagers(fhirModel: string): (models: readonly ModelTask[]) => ModelManager {
  const make = (models: readonly ModelTask[]) => {
    const manager = new ModelManager();
    manager.modelInfoLoader.registerModelInfoProvider(new SystemModelInfoProvider());
    const xmlOf = (name: string, version: string | null | undefined) => {
      if (name === 'FHIR') return fhirModel;
      return models.find((model) => model.name === name && (!version || model.version === version))?.xml;
    };
    const provider = createModelInfoProvider((name, _system, version) => {
      const xml = xmlOf(name, version);
      return xml === undefined ? null : stringAsSource(xml);
    });
    manager.modelInfoLoader.registerModelInfoProvider(provider);
    return manager;
  };
  const plain = make([]);
  let last: { key: string; manager: ModelManager } | undefined;
  return (models) => {
    if (models.length === 0) return plain;
    const key = models.map(({ hash }) => hash).join();
    if (last?.key !== key) last = { key, manager: make(models) };
    return last.manager;
  };
}

function problemOf(annotation: ElmAnnotation, translated: string): TranslationProblem {
  const {
    libraryId = translated,
    startLine = 1,
    startChar = 1,
    message = 'unknown problem',
    errorSeverity,
  } = annotation;
  // Anything the translator does not call a warning or a remark stops the build.
  const severity = errorSeverity === 'warning' ? 'warning' : errorSeverity === 'info' ? 'information' : 'error';
  const place = { line: startLine, column: startChar, text: message };
  // A text without a library line is called Anonymous in its problems and nothing in its ELM.
  return libraryId === translated || translated === ''
    ? { severity, ...place }
    : { library: libraryId, severity, ...place };
}
