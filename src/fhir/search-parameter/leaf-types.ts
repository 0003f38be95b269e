import type { ParamKind } from '../search/query.ts';

/** Datatypes that have a meaning for each kind (R4, search.html, the tables under each parameter type). */
export const leafTypes: Partial<Record<ParamKind, readonly string[]>> = {
  token: ['code', 'Coding', 'CodeableConcept', 'Identifier', 'ContactPoint', 'boolean', 'string', 'id', 'uri', 'url'],
  reference: ['Reference', 'canonical', 'uri', 'url'],
  string: ['string', 'markdown', 'code', 'id', 'uri', 'HumanName', 'Address'],
  date: ['date', 'dateTime', 'instant', 'Period', 'Timing'],
  uri: ['uri', 'url', 'canonical', 'oid', 'uuid'],
  number: ['decimal', 'integer', 'positiveInt', 'unsignedInt', 'Range'],
  quantity: ['Quantity', 'Age', 'Duration', 'Count', 'Distance', 'Money', 'Range', 'SampledData'],
};
