import { stableId } from '../../base/ids.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Brand } from './read-brands.ts';

const extensions = 'http://hl7.org/fhir/StructureDefinition';

/**
 * The brands as FHIR (SMART App Launch 2.2, "User-access Brands and Endpoints"): an Organization each, and the one Endpoint that serves
 * them all.
 */
export function brandBundle(brands: readonly Brand[], publicUrl: string, timestamp: string): Resource {
  const idOf = (brand: Brand) => stableId('brand', brand.identifier);
  const [first] = brands;
  const endpoint = {
    resourceType: 'Endpoint',
    id: stableId('brand', `${publicUrl}/fhir`),
    extension: [{ url: `${extensions}/endpoint-fhir-version`, valueCode: '4.0.1' }],
    status: 'active',
    connectionType: {
      system: 'http://terminology.hl7.org/CodeSystem/endpoint-connection-type',
      code: 'hl7-fhir-rest',
    },
    name: 'FHIR R4',
    ...(first && { managingOrganization: { reference: `Organization/${idOf(first)}` } }),
    contact: [{ system: 'url', value: `${publicUrl}/` }],
    payloadType: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/endpoint-payload-type', code: 'none' }] },
    ],
    address: `${publicUrl}/fhir`,
  };
  const reference = { reference: `Endpoint/${endpoint.id}` };
  const organizations = brands.map((brand) => organization(brand, idOf(brand), reference));
  return {
    resourceType: 'Bundle',
    type: 'collection',
    timestamp,
    entry: [...organizations, endpoint].map((resource) => ({
      fullUrl: `${publicUrl}/brands/${resource.resourceType}/${resource.id}`,
      resource,
    })),
  };
}

function organization(brand: Brand, id: string, endpoint: { reference: string }) {
  const { identifier, name, aliases, website, logo, places, portal } = brand;
  const logos =
    logo === undefined
      ? []
      : [{ url: `${extensions}/organization-brand`, extension: [{ url: 'brandLogo', valueUrl: logo }] }];
  return {
    resourceType: 'Organization',
    id,
    extension: [
      ...logos,
      {
        url: `${extensions}/organization-portal`,
        extension: [
          { url: 'portalName', valueString: portal.name },
          // Who may connect, and for whom: SC-181.
          { url: 'portalDescription', valueMarkdown: portal.whoMayConnect },
          { url: 'portalUrl', valueUrl: portal.url },
          { url: 'portalEndpoint', valueReference: endpoint },
        ],
      },
    ],
    identifier: [{ system: 'urn:ietf:rfc:3986', value: identifier }],
    active: true,
    name,
    ...(aliases.length > 0 && { alias: aliases }),
    telecom: [{ system: 'url', value: website }],
    ...(places.length > 0 && { address: places }),
    endpoint: [endpoint],
  };
}
