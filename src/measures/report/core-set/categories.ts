/** Our measures by the acronyms of the Child Core Set. Those that are not here are reported under their own name. */
const acronyms: Readonly<Record<string, string>> = {
  'adhd-follow-up': 'ADD-CH',
  'adolescent-immunizations': 'IMA-CH',
  'asthma-medication-ratio': 'AMR-CH',
  'bronchitis-antibiotics': 'AAB-CH',
  'childhood-immunization-status': 'CIS-CH',
  'chlamydia-screening': 'CHL-CH',
  'depression-screening': 'CDF-CH',
  'developmental-screening': 'DEV-CH',
  'lead-screening': 'LSC-CH',
  'mental-health-discharge-follow-up': 'FUH-CH',
  'metabolic-monitoring': 'APM-CH',
  'oral-evaluation': 'OEV-CH',
  'topical-fluoride': 'TFL-CH',
  'weight-counseling': 'WCC-CH',
  'well-child-visits': 'WCV-CH',
  'well-child-visits-first-30-months': 'W30-CH',
};

export function acronymOf(measure: string): string {
  return acronyms[measure] ?? measure;
}

/** Measures that the set reports as 1 - N/D: what was avoided is counted, what was done well is reported. */
const inverted: ReadonlySet<string> = new Set(['AAB-CH']);

export function isInverted(acronym: string): boolean {
  return inverted.has(acronym);
}

/** Rates that cannot be above others, because who has the first has the second too: by acronym, pairs of group ids. */
export const nested: Readonly<Record<string, readonly (readonly [lower: string, higher: string])[]>> = {
  'CIS-CH': [
    ['combination-10', 'combination-7'],
    ['combination-7', 'combination-3'],
    ...['dtap', 'ipv', 'mmr', 'hib', 'hepatitis-b', 'varicella', 'pneumococcal-conjugate'].map(
      (antigen) => ['combination-3', antigen] as const,
    ),
  ],
  'IMA-CH': [
    ['combination-2', 'combination-1'],
    ['combination-1', 'meningococcal'],
    ['combination-1', 'tdap'],
    ['combination-2', 'hpv'],
  ],
  'FUH-CH': [['within-7-days', 'within-30-days']],
  'TFL-CH': [
    ['dental', 'dental-or-oral-health'],
    ['oral-health', 'dental-or-oral-health'],
  ],
  'APM-CH': [
    ['glucose-and-cholesterol', 'glucose'],
    ['glucose-and-cholesterol', 'cholesterol'],
  ],
};
