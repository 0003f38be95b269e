import type { CompositeShape } from './composite-shape.ts';
import type { TokenForm } from './index-forms.ts';
import type { NumberForm } from './number-entry.ts';
import type { WalkPath } from './walk-path.ts';
import type { WordExpression } from './words.ts';

/** A search, parsed and checked: what the store turns into SQL. Source: FHIR R4, search.html. */

export type ParamKind =
  | 'token'
  | 'reference'
  | 'string'
  | 'date'
  | 'uri'
  | 'number'
  | 'quantity'
  | 'composite'
  | 'special';

/** One search parameter of one resource type, compiled from its SearchParameter. */
export interface SearchParam {
  /** The name in a URL, e.g. `birthdate`. */
  code: string;
  kind: ParamKind;
  /** FHIRPath, narrowed to the one resource type. */
  expression: string;
  /** Target types of a reference parameter. */
  targets?: readonly string[];
  /** The expression as plain property walks; absent where only a FHIRPath engine can evaluate it. */
  paths?: readonly WalkPath[];
  /** Of a composite parameter. */
  composite?: CompositeShape;
}

export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';

export type SearchValue =
  | { kind: 'token' /** undefined: any system; '' : no system (`|code`) */; system?: string; code?: string }
  | {
      kind: 'reference' /** undefined: any target type of the parameter */;
      type?: string;
      id?: string;
      version?: string /** absolute URL or canonical that is not ours */;
      url?: string;
    }
  /** Normalized (`normalizeText`), except with the modifier `exact`: then as asked. */
  | { kind: 'string'; text: string }
  /** [start, end) in UTC instants: the implied range of a date of any precision. */
  | { kind: 'date'; prefix: Prefix; start: string; end: string }
  | { kind: 'uri'; uri: string }
  /** Decimals as text. eq, ne: [from, to) is the implied precision; ap: within from and to; all others: `from` is the value. */
  | { kind: 'number'; prefix: Prefix; from: string; to: string }
  /** Any of some forms, the range in the unit of each. */
  | { kind: 'quantity'; prefix: Prefix; any: readonly AskedRange[] }
  /** All parts in one element; in the order of the parameter's `composite.parts`. */
  | { kind: 'composite'; parts: readonly SearchValue[] }
  /** Within so many kilometres of a point given in degrees. */
  | { kind: 'near'; latitude: number; longitude: number; km: number }
  /** Any of some further forms of a value; see `FormEntry`. */
  | { kind: 'forms'; any: readonly { form: TokenForm; parts: readonly string[] }[] }
  /** Not yet what the store can answer: the edge makes tokens or references of it (`http/search-terms.ts`). */
  | UnresolvedValue
  /** `_text` and `_content`: words of the narrative, or of everything. */
  | { kind: 'words'; over: 'narrative' | 'content'; expression: WordExpression }
  | { kind: 'missing'; missing: boolean };

/** As in a `number` value, in the unit of the form. */
export interface AskedRange {
  form: NumberForm;
  from: string;
  to: string;
}

/** What only the terminology or other resources can say. */
export type UnresolvedValue =
  /** `:in`, `:not-in`: by canonical URL, version included, or the id of a ValueSet here. */
  | { kind: 'value-set'; canonical?: string; id?: string }
  /** `:above`, `:below` of a token. */
  | { kind: 'concept'; system: string; code: string }
  /** `:above`, `:below` of a reference, where resources of a type are parts of each other. */
  | { kind: 'hierarchy'; type: string; id: string };

/** One condition of a query; all of a query's must hold. `Junction` and `Negation` come from `_filter` and from alternatives. */
export type Criterion = Filter | Chain | ReverseChain | Junction | Negation;

/** `patient:Patient.name=…`: some target of the reference, of this type, meets `of`. Source: FHIR R4, search.html#chaining. */
export interface Chain {
  kind: 'chain';
  param: SearchParam;
  targetType: string;
  of: Criterion;
}

/** `_has:Observation:patient:code=…`: some resource of `sourceType` refers here by `param` and meets `of`. Source: FHIR R4, search.html#has. */
export interface ReverseChain {
  kind: 'has';
  sourceType: string;
  param: SearchParam;
  of: Criterion;
}

export interface Junction {
  kind: 'and' | 'or';
  of: Criterion[];
}

export interface Negation {
  kind: 'not';
  of: Criterion;
}

/** Values of one filter are alternatives (OR). */
export interface Filter {
  kind: 'filter';
  param: SearchParam;
  modifier?: string;
  values: SearchValue[];
}

export interface Include {
  /** The type the parameter belongs to; `*`: any type. */
  sourceType: string;
  /** `*`: every reference parameter of the source type. */
  param: SearchParam | '*';
  targetType?: string;
  iterate: boolean;
}

export interface SortKey {
  param: SearchParam;
  descending: boolean;
}

/** What a search over several types asks of one of them. */
export interface Branch {
  type: string;
  filters: Criterion[];
  sort: SortKey[];
}

export interface SearchQuery {
  /** '' for a search over several types: `branches` then says what is asked of each, and `filters` and `sort` are empty. */
  type: string;
  branches?: readonly Branch[];
  /** Only what is in the compartment of this resource. Those of other resources than patients are among the filters too. */
  compartment?: { type: string; id: string };
  filters: Criterion[];
  includes: Include[];
  revincludes: Include[];
  sort: SortKey[];
  /** Matches per page; 0 only with `summary: 'count'`. */
  count: number;
  total: 'none' | 'estimate' | 'accurate';
  summary?: 'true' | 'text' | 'data' | 'count' | 'false';
  elements?: string[];
  /** `SearchPage.next` of the page before. */
  cursor?: string;
}
