/** What a retrieve by profile asks of a record besides its type. A record counts by what is in it, whether or not it names the profile. */
export interface ProfileFilter {
  /** Element that is looked at. */
  path: string;
  /** Codes of LOINC of which it must have one. */
  loinc?: readonly string[];
  /** Texts or truths of which it must be one. */
  values?: readonly (string | boolean)[];
}

const fhir = 'http://hl7.org/fhir/StructureDefinition/';
const usCore = 'http://hl7.org/fhir/us/core/StructureDefinition/';
const qiCore = 'http://hl7.org/fhir/us/qicore/StructureDefinition/';

/**
 * The code that a profile of Observation fixes. Without it, a height would count as a BMI. Sources: FHIR R4 vital signs
 * (observation-vitalsigns.html), US Core 3.1.1 to 7.0.0.
 */
const fixedCodes: Readonly<Record<string, string>> = {
  [`${fhir}bmi`]: '39156-5',
  [`${fhir}bodyheight`]: '8302-2',
  [`${fhir}bodytemp`]: '8310-5',
  [`${fhir}bodyweight`]: '29463-7',
  [`${fhir}bp`]: '85354-9',
  [`${fhir}headcircum`]: '9843-4',
  [`${fhir}heartrate`]: '8867-4',
  [`${fhir}oxygensat`]: '2708-6',
  [`${fhir}resprate`]: '9279-1',
  [`${fhir}vitalspanel`]: '85353-1',
  [`${usCore}head-occipital-frontal-circumference-percentile`]: '8289-1',
  [`${usCore}pediatric-bmi-for-age`]: '59576-9',
  [`${usCore}pediatric-weight-for-height`]: '77606-2',
  [`${usCore}us-core-blood-pressure`]: '85354-9',
  [`${usCore}us-core-bmi`]: '39156-5',
  [`${usCore}us-core-body-height`]: '8302-2',
  [`${usCore}us-core-body-temperature`]: '8310-5',
  [`${usCore}us-core-body-weight`]: '29463-7',
  [`${usCore}us-core-head-circumference`]: '9843-4',
  [`${usCore}us-core-heart-rate`]: '8867-4',
  [`${usCore}us-core-pulse-oximetry`]: '59408-5',
  [`${usCore}us-core-respiratory-rate`]: '9279-1',
  [`${usCore}us-core-smokingstatus`]: '72166-2',
};

const notDone: ProfileFilter = { path: 'status', values: ['not-done'] };
const notRequested: ProfileFilter = { path: 'doNotPerform', values: [true] };

/** Profiles of what was not done. Source: QI-Core 4.1.1 to 6.0.0, negation. */
const negations: Readonly<Record<string, ProfileFilter>> = {
  [`${qiCore}qicore-communicationnotdone`]: notDone,
  [`${qiCore}qicore-devicenotrequested`]: notRequested,
  [`${qiCore}qicore-immunizationnotdone`]: notDone,
  [`${qiCore}qicore-medicationadministrationnotdone`]: notDone,
  [`${qiCore}qicore-medicationdispensedeclined`]: { path: 'status', values: ['declined'] },
  [`${qiCore}qicore-medicationdispensenotdone`]: { path: 'status', values: ['declined'] },
  [`${qiCore}qicore-medicationnotrequested`]: notRequested,
  [`${qiCore}qicore-mednotrequested`]: notRequested,
  [`${qiCore}qicore-observationcancelled`]: { path: 'status', values: ['cancelled'] },
  [`${qiCore}qicore-observationnotdone`]: { path: 'status', values: ['cancelled'] },
  [`${qiCore}qicore-procedurenotdone`]: notDone,
  [`${qiCore}qicore-servicenotrequested`]: notRequested,
  [`${qiCore}qicore-taskrejected`]: { path: 'status', values: ['rejected'] },
};

/** Undefined when the profile asks for nothing that is known here: then the type alone decides. */
export function profileFilter(url: string): ProfileFilter | undefined {
  const canonical = url.split('|')[0] ?? url;
  const code = Object.hasOwn(fixedCodes, canonical) ? fixedCodes[canonical] : undefined;
  if (code !== undefined) return { path: 'code', loinc: [code] };
  return Object.hasOwn(negations, canonical) ? negations[canonical] : undefined;
}

/** Every profile with a fixed code, by URL. */
export function profilesWithFixedCode(): Readonly<Record<string, string>> {
  return fixedCodes;
}
