import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { type Access, createAccess } from './access/access.ts';
import { accessLog } from './access/audit/access-log.ts';
import { type Audit, createAudit } from './access/audit/audit.ts';
import { auditCommands } from './access/audit/commands.ts';
import { disclosuresOperation } from './access/audit/disclosures.ts';
import { createSealer, type Sealer } from './access/audit/seal.ts';
import { type AuditTrail, createTrail } from './access/audit/trail.ts';
import { visibilityOf } from './access/decide.ts';
import { breakGlass } from './access/emergency/break-glass.ts';
import { releaseLabels } from './access/labels/release-operation.ts';
import { whyLabelled } from './access/labels/why-operation.ts';
import { createPolicyReader } from './access/policy/document.ts';
import { privacyModule } from './access/policy/privacy-module.ts';
import { beginLabels } from './access/policy/relabel.ts';
import { checkWhole } from './access/redact/check-whole.ts';
import { familyPreview } from './access/redact/family-preview.ts';
import { createRedactor, type Redactor } from './access/redact/redactor.ts';
import { toldEach } from './access/redact/told-each.ts';
import { newIdentifiers } from './access/rekey/new-identifiers.ts';
import { scopeTypes } from './access/scope-filter.ts';
import type { Principal } from './access/types.ts';
import { asPerson } from './as-person.ts';
import { type Auth, createAuth } from './auth/auth.ts';
import type { Brands } from './auth/brands/brands.ts';
import { createCdsClients } from './auth/cds-clients.ts';
import { authCommands } from './auth/commands/index.ts';
import { ensureFirstPartyClients } from './auth/first-party.ts';
import { providerCommands } from './auth/people/provider-commands.ts';
import { userCommands } from './auth/people/user-commands.ts';
import { type Clock, createSteadyClock, systemClock } from './base/clock.ts';
import { ok, type Result } from './base/errors.ts';
import { createGuardedFetch } from './base/guarded-fetch.ts';
import type { Jwk } from './base/jwt.ts';
import type { Logger } from './base/log.ts';
import { createTraffic, type Traffic } from './base/traffic.ts';
import { type Care, createCare } from './care/care.ts';
import { createProvenance } from './care/provenance/provenance.ts';
import { createTranslation } from './care/referral/dialect/translation.ts';
import type { Config } from './config.ts';
import { clientKey } from './ehr/client-key.ts';
import { createEhr, type Ehr } from './ehr/index.ts';
import { emergencyLinks } from './emergency-links.ts';
import { createExchange } from './exchange/exchange.ts';
import { readConformance } from './fhir/conformance.ts';
import { type Definitions, loadDefinitions } from './fhir/definitions.ts';
import { createExtractor } from './fhir/search/extract.ts';
import type { Resource } from './fhir/types.ts';
import { grantHolds } from './grant-holds.ts';
import { coreOperations } from './http/core-operations/index.ts';
import { currentCapabilities } from './http/current-capabilities.ts';
import { healthLinks } from './http/health-links.ts';
import { operationsPages } from './http/operations-pages.ts';
import { createPageLinks } from './http/page-links.ts';
import { pages } from './http/pages.ts';
import { createRateLimits } from './http/rate-limit.ts';
import { createServer, type HttpDeps } from './http/server.ts';
import { createWorker, type Worker } from './jobs/worker.ts';
import { createMeasures, type Measures } from './measures/measures.ts';
import type { Command, Module } from './module.ts';
import { createHealth } from './ops/health.ts';
import { createMetrics } from './ops/metrics.ts';
import { patientDirectory } from './patient-directory.ts';
import { publish } from './publish.ts';
import { siteBrands } from './site-brands.ts';
import { launchSites, siteOrigins } from './site-lookup.ts';
import { type Database, openDatabase } from './store/database.ts';
import { migrate } from './store/migrate.ts';
import { bringIndexUpToDate } from './store/reindex/bring-up-to-date.ts';
import type { Catalog } from './store/search-parameters/catalog.ts';
import { resumeIndexing } from './store/search-parameters/job.ts';
import { openCatalog, searchParametersModule } from './store/search-parameters/search-parameters.ts';
import { keepServerSetting, serverSecret, serverSetting } from './store/settings.ts';
import { createShapeNames } from './store/shape-names.ts';
import { sqlOver } from './store/sql-over.ts';
import { createStore, gatheredReads } from './store/store.ts';
import type { Sql, Store } from './store/types.ts';
import type { Check } from './terminology/conformance/check.ts';
import { createTerminology } from './terminology/terminology.ts';
import type { Terms } from './terminology/terms.ts';
import { version } from './version.ts';

/** Everything that is open while the server or a command runs. Put together here and nowhere else. */
export interface House {
  config: Config;
  log: Logger;
  clock: Clock;
  definitions: Definitions;
  access: Access;
  redactor: Redactor;
  /** The search parameters in use, those added while running included. */
  catalog: Catalog;
  /** The one validator: what it compiled for a type or profile serves everybody. */
  validate: Check;
  store: Store;
  worker: Worker;
  /** Requests under way. */
  traffic: Traffic;
  auth: Auth;
  brands: Brands;
  audit: Audit;
  trail: AuditTrail;
  sealer: Sealer;
  care: Care;
  ehr: Ehr;
  measures: Measures;
  modules: readonly Module[];
  terms: Terms;
  commands: readonly Command[];
  /** Seals page links. */
  pageKey: Buffer;
  cdsClients: ReturnType<typeof createCdsClients>;
  siteOrigins: () => readonly string[];
  /** Our private key towards EHRs. */
  clientKey: Jwk;
  close(): Promise<void>;
  /** See HttpDeps. */
  inspect?: HttpDeps['inspect'];
}

interface OpenOptions {
  /** Beside a running server. */
  share?: boolean;
  /** Of tests: the time it is. */
  clock?: Clock;
  /** True when the process is to end before the house is open. */
  stopping?: () => boolean;
}

/** Opens the database, brings its schema and its search index up to date and puts the rooms together. */
export async function openHouse(config: Config, log: Logger, options: OpenOptions = {}): Promise<Result<House>> {
  const { dataDir, databaseUrl } = config;
  const database = await openDatabase({ dataDir, databaseUrl, share: options.share ?? false, log });
  if (!database.ok) return database;
  const house = await furnishMigrated(config, log, database.value, options).catch(async (fault) => {
    await database.value.stop();
    throw fault;
  });
  if (!house.ok) await database.value.stop();
  return house;
}

async function furnishMigrated(
  config: Config,
  log: Logger,
  database: Database,
  options: OpenOptions,
): Promise<Result<House>> {
  const migrated = await migrate(database.pool);
  if (!migrated.ok) return migrated;
  const { share = false } = options;
  // Nobody reaches a command: it speaks in the name of the server, whatever PORT the command itself was given.
  const sql = sqlOver(database.pool);
  const reached = share ? await serverSetting(sql, 'public-url') : undefined;
  if (!share) await keepServerSetting(sql, 'public-url', config.publicUrl);
  return furnish(typeof reached === 'string' ? { ...config, publicUrl: reached } : config, log, database, options);
}

/** Puts the rooms together over an open, migrated database. */
export async function furnish(
  config: Config,
  log: Logger,
  database: Database,
  { share = false, stopping, clock = createSteadyClock() }: OpenOptions = {},
): Promise<Result<House>> {
  const ground = await layGround(config, log, database, clock);
  const rooms = openRooms(ground);
  const { definitions, catalog, extract, clientKey, fhirBaseUrl, access } = ground;
  const { modules, ehr } = rooms;
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const indexed = await bringIndexUpToDate({ pool: database.pool, parts: { extract }, share, stopping, say });
  if (!indexed.ok) return indexed;
  const store = createStore({
    pool: database.pool,
    reads: ground.reads,
    definitions,
    catalog,
    baseUrl: fhirBaseUrl,
    extract,
    categorize: access.categorize,
    inherits: access.inherits,
    ready: access.ready,
    keep: access.keep,
    checks: modules.flatMap(({ checks }) => checks ?? []),
    effects: modules.flatMap(({ effects }) => effects ?? []),
    conclusions: modules.flatMap(({ conclusions }) => conclusions ?? []),
    clock,
    log,
  });
  const labelled = share ? ok(undefined) : await beginLabels(store, access.policy, clock.now());
  if (!labelled.ok) return labelled;
  const trail = createTrail({ sql: store, clock, log, reads: config.auditReads });
  const sealer = createSealer({ store, clock, log });
  const resumed = share ? ok(undefined) : await resumeIndexing(store);
  if (!resumed.ok) return resumed;
  const handlers = modules.flatMap(({ jobs }) => jobs ?? []);
  const traffic = createTraffic();
  const worker = createWorker({ pool: database.pool, store, handlers, traffic, clock, log });
  const origins = siteOrigins({ ehr, store, clock, log });
  // Asked once now, so that the first launch finds them.
  origins();
  const allowLoopback = !config.production;
  const localOrigins = (origin: string) => origins().includes(origin);
  const guardedFetch = createGuardedFetch({ allowedOrigins: [], localOrigins, allowLoopback });
  const ehrSites = launchSites(ehr, store);
  const { publicUrl } = config;
  const resourceTypes = scopeTypes(definitions);
  const providerFetch = (origin: string) =>
    createGuardedFetch({ allowedOrigins: [], localOrigins: [origin], allowLoopback });
  const shared = { sql: store, clock, trail, guardedFetch, ehrSites };
  const directory = patientDirectory({ store, definitions, fhirBaseUrl, admit: access.admit });
  const brands = siteBrands(config, clock.now());
  if (!brands.ok) return brands;
  const discovery = brands.value.discovery;
  const auth = createAuth({
    providerFetch,
    ...shared,
    ...grantHolds({ store, directory, access, clock }),
    log,
    publicUrl,
    fhirBaseUrl,
    clientKey,
    resourceTypes,
    directory,
    discovery,
    refreshGraceSeconds: config.refreshGraceSeconds,
  });
  const cdsClients = createCdsClients(shared);
  if (config.production) await Promise.all([auth.clients.endDemo(), auth.accounts.endDemo()]);
  const ensured = await ensureFirstPartyClients(auth.clients, publicUrl);
  if (!ensured.ok) return ensured;
  const conformance = [...readConformance(ground.profilesDir), ...(await rooms.measures.measureResources(store))];
  const published = await publish(store, conformance);
  if (!published.ok) return published;
  await rooms.measures.registry.look(store);
  const commands = [
    ...authCommands({ keysDir: join(config.dataDir, 'keys'), resourceTypes }),
    ...userCommands({ publicUrl, directory, resourceTypes, production: config.production }),
    ...providerCommands({ publicUrl }),
    ...modules.flatMap((module) => module.commands ?? []),
  ];
  const close = async () => {
    await worker.stop();
    await rooms.measures.close();
    await sealer.stop();
    await guardedFetch.close();
    await database.stop();
  };
  return ok({
    ...ground,
    ...rooms,
    store,
    trail,
    sealer,
    worker,
    traffic,
    auth,
    brands: brands.value,
    commands,
    cdsClients,
    siteOrigins: origins,
    close,
  });
}

/** What every room stands on: definitions, the validator, the keys of this server. */
async function layGround(config: Config, log: Logger, database: Database, clock: Clock) {
  const buildDir = join(config.rootDir, 'build');
  const sql = sqlOver(database.pool);
  const fhirBaseUrl = `${config.publicUrl}/fhir`;
  const base = loadDefinitions(join(buildDir, 'fhir'));
  const catalog = await openCatalog(base, sql);
  const { definitions } = catalog;
  const extract = createExtractor(definitions, { baseUrl: fhirBaseUrl });
  const profilesDir = join(config.rootDir, 'profiles');
  const policyReader = createPolicyReader(profilesDir, definitions);
  const access = createAccess({ sql, reader: policyReader, types: definitions.types, clock, log });
  const policy = () => access.policy.known();
  const reads = gatheredReads(database.pool);
  const redactor = createRedactor({
    ...{ sql: reads, definitions, baseUrl: fhirBaseUrl, clock, policy },
    shapeName: createShapeNames(),
  });
  const fhirDir = join(buildDir, 'fhir');
  const builtInFile = join(buildDir, 'terminology', 'terminology.json');
  const terminology = createTerminology({ definitions, fhirDir, builtInFile, clock: systemClock });
  return {
    config,
    log,
    clock,
    buildDir,
    profilesDir,
    policyReader,
    access,
    reads,
    redactor,
    fhirBaseUrl,
    definitions,
    catalog,
    extract,
    searchParameters: searchParametersModule(base, extract),
    terminology,
    validate: terminology.check,
    terms: terminology.terms,
    pageKey: await serverSecret(sql, 'page-links', async () => randomBytes(32)),
    clientKey: await clientKey(sql),
  };
}

/** The modules of the house, before there is a store: their checks and effects become part of it. */
function openRooms(ground: Awaited<ReturnType<typeof layGround>>) {
  const { config, log, clock, buildDir, profilesDir, fhirBaseUrl, definitions, terminology, clientKey } = ground;
  const fetchFor = (allowedOrigins: readonly string[]) =>
    createGuardedFetch({ allowedOrigins, localOrigins: allowedOrigins, allowLoopback: !config.production });
  const { access, redactor } = ground;
  const shown = async (resources: readonly Resource[], within?: Sql) =>
    redactor.shown(await access.outgoing(within), resources, within);
  const told = (principal: Principal, resources: readonly Resource[]) => toldEach(redactor, principal, resources);
  const care = createCare({
    clock,
    terms: terminology.terms,
    told,
    baseUrl: fhirBaseUrl,
    shown,
    zone: config.measureTimeZone,
    policy: access.policy.get,
    policyHere: access.policy.known,
    readsAs: async (person, within) => visibilityOf(await access.admit(asPerson(person), within), 'r'),
  });
  const measureDirs = {
    ...{ buildDir: join(buildDir, 'measures'), profilesDir: join(profilesDir, 'measures') },
    fhirDir: join(buildDir, 'fhir'),
  };
  const measures = createMeasures({
    ...{ ...measureDirs, definitions, terminology: terminology.valueSets, clock, log },
    zone: config.measureTimeZone,
    reporter: config.measureReporter,
    evaluators: config.measureEvaluators,
    minimumCell: async () => (await access.policy.get())?.document.aggregateMinimumCell,
  });
  const ehr = createEhr({ clock, log, fhirBaseUrl, clientKey, fetchFor, renderPlanDocument: care.renderPlanDocument });
  const exchange = createExchange({ publicUrl: config.publicUrl, clock });
  const audit = createAudit({ definitions, baseUrl: fhirBaseUrl, clock });
  const provenance = createProvenance({ definitions, clock, baseUrl: fhirBaseUrl });
  const rooms = [care.module, measures.module, ehr.module, exchange.module, terminology.module];
  const { checks, conclusions } = audit;
  const modules: readonly Module[] = [
    ...rooms,
    ground.searchParameters,
    provenance,
    privacyModule(access, ground.policyReader, checkWhole({ access, definitions, baseUrl: fhirBaseUrl }), clock),
    { name: 'audit', checks, conclusions, jobs: audit.jobs, gauges: audit.gauges, commands: auditCommands(clock) },
  ];
  return { care, measures, ehr, audit, modules };
}

/** The HTTP application over an open house. */
export function createApp(
  house: House,
  links: () => readonly { label: string; url: string }[],
  stopping: () => boolean,
): RequestListener {
  const { config, log, clock, store, definitions, validate, modules, auth } = house;
  const health = createHealth(store, stopping, log);
  const metrics = createMetrics(
    store,
    modules.flatMap(({ gauges }) => gauges ?? []),
  );
  const buildDir = join(config.rootDir, 'build');
  const pageLinks = createPageLinks(house.pageKey, clock);
  const operations = [
    ...coreOperations({ definitions, validate, baseUrl: `${config.publicUrl}/fhir`, pageLinks, clock }),
    breakGlass({ access: house.access, trail: house.trail, clock }),
    releaseLabels({ access: house.access, clock, stepUp: auth.stepUp, needsSecondPerson: auth.needsSecondPerson }),
    whyLabelled({ access: house.access }),
    newIdentifiers({ access: house.access, clock, stepUp: auth.stepUp }),
    familyPreview({ access: house.access, redactor: house.redactor, baseUrl: `${config.publicUrl}/fhir` }),
    accessLog({ sealer: house.sealer, clock }),
    disclosuresOperation({ sealer: house.sealer, clock }),
    ...modules.flatMap((module) => module.operations ?? []),
  ];
  const capabilities = currentCapabilities({
    ...{ operations, version, clock, definitions, store },
    catalog: house.catalog,
    publicUrl: config.publicUrl,
  });
  const serve = createServer({
    store,
    definitions,
    validate,
    terms: house.terms,
    verifyBearer: auth.verifyBearer,
    smartConfiguration: auth.smartConfiguration,
    capabilities,
    operations,
    editedByMany: modules.flatMap((module) => module.editedByMany ?? []),
    hooks: modules.flatMap((module) => module.hooks ?? []),
    cdsClients: house.cdsClients,
    privacy: { admit: house.access.admit, redactor: house.redactor },
    translation: createTranslation({ sql: store, clock, definitions }),
    audit: { requests: house.audit.requests, trail: house.trail, sealer: house.sealer },
    routers: [
      operationsPages({ ...health, metrics: metrics.text }),
      pages(join(buildDir, 'web'), links),
      auth.router,
      house.brands.router,
      healthLinks({
        links: emergencyLinks(house, operations),
        trail: house.trail,
        publicUrl: config.publicUrl,
        log,
      }),
    ],
    frameOrigins: house.siteOrigins,
    webOrigins: auth.webOrigins,
    rates: createRateLimits({
      perMinute: config.rateLimits,
      machineFactor: config.rateLimits['machine-factor'],
      countLoopback: config.production,
    }),
    trustedProxies: config.trustedProxies,
    observe: metrics.observe,
    ...(house.inspect && { inspect: house.inspect }),
    pageLinks,
    publicUrl: config.publicUrl,
    clock,
    log,
  });
  return (request, response) => {
    response.once('close', house.traffic.enter());
    serve(request, response);
  };
}
