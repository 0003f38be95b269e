/** Types made from another than Element or DomainResource. Source: FHIR R4, datatypes.html and resourcelist.html. */
const made: Readonly<Record<string, string>> = {
  code: 'string',
  id: 'string',
  markdown: 'string',
  url: 'uri',
  canonical: 'uri',
  uuid: 'uri',
  oid: 'uri',
  positiveInt: 'integer',
  unsignedInt: 'integer',
  Age: 'Quantity',
  Count: 'Quantity',
  Distance: 'Quantity',
  Duration: 'Quantity',
  MoneyQuantity: 'Quantity',
  SimpleQuantity: 'Quantity',
  Bundle: 'Resource',
  Binary: 'Resource',
  Parameters: 'Resource',
  DomainResource: 'Resource',
  BackboneElement: 'Element',
  Dosage: 'BackboneElement',
  Timing: 'BackboneElement',
  ElementDefinition: 'BackboneElement',
};

const datatypes =
  /^(?:Element|Address|Annotation|Attachment|CodeableConcept|Coding|ContactDetail|ContactPoint|Contributor|DataRequirement|Expression|Extension|HumanName|Identifier|Meta|Money|Narrative|ParameterDefinition|Period|Quantity|Range|Ratio|Reference|RelatedArtifact|SampledData|Signature|TriggerDefinition|UsageContext)$/;

/** The type that a type of FHIR is made from; undefined at the top. */
export function parentOf(name: string): string | undefined {
  const known = made[name];
  if (known !== undefined) return known;
  if (name === 'Element' || name === 'Resource') return undefined;
  if (name.includes('.')) return 'BackboneElement';
  return /^[a-z]/.test(name) || datatypes.test(name) ? 'Element' : 'DomainResource';
}
