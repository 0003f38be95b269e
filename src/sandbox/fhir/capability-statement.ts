import type { Resource, r4 } from '../../fhir/types.ts';
import type { Hospital } from '../hospital.ts';

function describeType(hospital: Hospital, type: string): r4.CapabilityStatementRestResource {
  const interactions = hospital.offered.interactions(type);
  const described: r4.CapabilityStatementRestResource = {
    type: type as r4.CapabilityStatementRestResource['type'],
    interaction: interactions.map((code) => ({ code })),
    versioning: 'versioned',
    readHistory: false,
    updateCreate: false,
    conditionalCreate: hospital.personality.conditionalCreate && interactions.includes('create'),
    conditionalUpdate: false,
  };
  if (!interactions.includes('search-type')) return described;
  const needed = hospital.personality.requiredParameters[type];
  if (needed) described.documentation = `Search needs ${needed.map((one) => one.join(' and ')).join(', or ')}.`;
  described.searchParam = [...hospital.offered.searchParameters(type)].map(([name, kind]) => ({
    name,
    type: kind as r4.CapabilityStatementRestResourceSearchParam['type'],
  }));
  return described;
}

/** What this hospital really does, generated from the table its gate enforces. */
export function capabilityStatement(hospital: Hospital): Resource {
  const service = [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/restful-security-service', code: 'SMART-on-FHIR' }] },
  ];
  const endpoint = (url: string, valueUri: string) => ({ url, valueUri });
  const security = {
    service,
    extension: [
      {
        url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
        extension: [
          endpoint('token', `${hospital.root}/oauth/token`),
          endpoint('authorize', `${hospital.root}/oauth/authorize`),
        ],
      },
    ],
  };
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: '2026-11-15',
    kind: 'instance',
    fhirVersion: '4.0.1',
    format: ['json'],
    software: { name: hospital.personality.software },
    implementation: { description: `${hospital.name}, an invented hospital`, url: hospital.base },
    rest: [
      {
        mode: 'server',
        ...(hospital.personality.transactions && { interaction: [{ code: 'transaction' }] }),
        security,
        resource: hospital.offered.types.map((type) => describeType(hospital, type)),
      },
    ],
  };
}
