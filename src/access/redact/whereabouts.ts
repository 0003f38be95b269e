/** Elements that say where somebody lives, learns or is cared for, whatever the type that has them. */
export const placeElements: ReadonlySet<string> = new Set([
  'address',
  'contact',
  'facility',
  'generalPractitioner',
  'hospitalization',
  'location',
  'locationCode',
  'locationReference',
  'managingOrganization',
  'photo',
  'position',
  'serviceProvider',
  'telecom',
]);

/** Search parameters that find by a place. */
export const placeParameters: ReadonlySet<string> = new Set([
  'address',
  'address-city',
  'address-country',
  'address-postalcode',
  'address-state',
  'address-use',
  'care-team',
  'email',
  'general-practitioner',
  'location',
  'location-period',
  'near',
  'organization',
  'phone',
  'service-provider',
  'telecom',
  '_content',
  '_text',
  '_source',
]);
