/** Special scopes we act on; any other must not be claimed as granted, nor told of in discovery. */
export const specialScopes: readonly string[] = [
  'launch',
  'launch/patient',
  'launch/encounter',
  'openid',
  'fhirUser',
  'offline_access',
  'online_access',
];
