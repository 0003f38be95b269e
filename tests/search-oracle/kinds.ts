/** Datatypes that a search parameter of a kind can be used with; values of others are not values of the parameter. Source: FHIR R4, search.html, the table of each kind. */
export const meaningful: Record<string, ReadonlySet<string>> = {
  token: new Set(
    'code Coding CodeableConcept Identifier ContactPoint boolean string id uri url canonical oid uuid http://hl7.org/fhirpath/System.String'.split(
      ' ',
    ),
  ),
  reference: new Set(['Reference', 'canonical', 'uri', 'url']),
  string: new Set(['string', 'markdown', 'code', 'id', 'uri', 'HumanName', 'Address']),
  date: new Set(['date', 'dateTime', 'instant', 'Period', 'Timing']),
  uri: new Set(['uri', 'url', 'canonical', 'oid', 'uuid']),
  number: new Set(['decimal', 'integer', 'positiveInt', 'unsignedInt', 'Range']),
  quantity: new Set(['Quantity', 'Age', 'Duration', 'Count', 'Distance', 'Money', 'Range', 'SampledData']),
};
