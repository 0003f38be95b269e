import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { SystemModelInfoProvider } from '@cqframework/cql/cql';
import {
  CqlCompilerOptions,
  CqlTranslator,
  createLibrarySourceProvider,
  createModelInfoProvider,
  createUcumService,
  LibraryManager,
  ModelManager,
  stringAsSource,
} from '@cqframework/cql/cql-to-elm';

/** One complaint of the translator. Lines and columns count from 1. */
export interface TranslationProblem {
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

/** The parts of an ELM file that the translator's complaints are read from. */
interface ElmAnnotation {
  type?: string;
  startLine?: number;
  startChar?: number;
  message?: string;
  errorSeverity?: string;
}

/**
 * A remark on every retrieve with a value set, because our libraries convert FHIR's types themselves instead of including
 * FHIRHelpers. It says nothing about the result: the engine tests membership in the retrieve.
 */
const noMembershipOperator = 'Could not resolve membership operator for terminology target of the retrieve.';

/**
 * Makes a CQL-to-ELM translator for FHIR 4.0.1. It is slow to make (about a second: it reads the FHIR model), so the build
 * makes one and uses it for every measure. Units other than calendar durations are refused, because no measure needs them yet.
 * `sourceOf` finds the CQL of a library that is included; without it, or where it finds none, an `include` is an error of the text.
 * Source: CQL 1.5, https://cql.hl7.org/N1/04-logicalspecification.html.
 */
export function createTranslator(
  sourceOf: (name: string, version: string | undefined) => string | undefined = () => undefined,
): (cql: string) => Translation {
  const fhirModel = readFileSync(
    createRequire(import.meta.url).resolve('cql-exec-fhir/lib/modelInfos/fhir-modelinfo-4.0.1.xml'),
    'utf8',
  );
  const models = new ModelManager();
  models.modelInfoLoader.registerModelInfoProvider(new SystemModelInfoProvider());
  models.modelInfoLoader.registerModelInfoProvider(
    createModelInfoProvider((name) => (name === 'FHIR' ? stringAsSource(fhirModel) : null)),
  );
  const { EnableLocators, DisableListDemotion, DisableListPromotion } = CqlCompilerOptions.Options;
  const options = new CqlCompilerOptions();
  options.setOptions([EnableLocators, DisableListDemotion, DisableListPromotion]);
  const units = createUcumService(noUnits, () => 'units are not supported', noUnits, noUnits);
  const included = createLibrarySourceProvider((name, _system, version) => {
    const source = sourceOf(name, version ?? undefined);
    return source === undefined ? null : stringAsSource(source);
  });
  return (cql) => {
    const libraries = new LibraryManager(models, options, undefined, units);
    libraries.librarySourceLoader.registerProvider(included);
    const translator = CqlTranslator.fromText(cql, libraries);
    const elm: { library?: { annotation?: ElmAnnotation[] } } = JSON.parse(translator.toJson());
    const problems = (elm.library?.annotation ?? [])
      .filter(({ type, message }) => type === 'CqlToElmError' && message !== noMembershipOperator)
      .map(problemOf);
    return { elm, problems };
  };
}

function problemOf(annotation: ElmAnnotation): TranslationProblem {
  const { startLine = 1, startChar = 1, message = 'unknown problem', errorSeverity } = annotation;
  // Anything the translator does not call a warning or a remark stops the build.
  const severity = errorSeverity === 'warning' ? 'warning' : errorSeverity === 'info' ? 'information' : 'error';
  return { severity, line: startLine, column: startChar, text: message };
}

function noUnits(): never {
  throw new Error('conversion of units is not supported');
}
