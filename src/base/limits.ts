/** Every loop, queue, page, retry and body is bounded by a number that has a name here. Units are in the names. */
export const limits = {
  /** How long work of one thread goes on before whatever else waits has its turn (base/in-slices.ts). */
  sliceMs: 10,
  http: {
    bodyBytes: 50 * 1024 * 1024,
    gzipFromBytes: 2048,
    /** Operations that answer later: how many at once, how long an answer is kept, and after how long a silent one is lost. */
    later: {
      atOnce: 4,
      ofOneCaller: 2,
      keepMs: 3600_000,
      beatMs: 2000,
      lostMs: 30_000,
      answerLength: 32 * 1024 * 1024,
    },
    jsonDepth: 64,
    jsonValues: 4_000_000,
    /** Issues that one OperationOutcome tells. */
    outcomeIssues: 1000,
    /** From the first byte of a request to its last, and of its headers alone. */
    requestMs: 120_000,
    headersMs: 20_000,
    headers: 100,
    /** How long a browser may remember what a preflight answered. */
    preflightSeconds: 600,
    drainMs: 10_000,
  },
  search: {
    defaultCount: 20,
    maxCount: 1000,
    maxIncluded: 5000,
    maxOrValues: 500,
    /** Values of all parameters of one search: each is a bound value of a statement, which has room for 65,535. */
    maxValues: 5000,
    /** Parts of a URL that `:above` and `:below` look at. */
    maxBoundaries: 100,
    /** Characters of a URL that `:above` and `:below` look at, and of an identifier that `:of-type` does. */
    maxBoundedLength: 2000,
    /** Codes or resources that one parameter may stand for once its value set or hierarchy is known. */
    maxResolved: 50_000,
    /** Steps from a resource to the one it is part of at last. */
    maxHierarchyDepth: 50,
    maxParameters: 50,
    /** Answers over everybody that are kept; what a search must take to be kept; changes since that are looked at, and rows kept. */
    rememberedAnswers: 1000,
    rememberedMs: 5,
    rememberedChanges: 2000,
    rememberedRows: 1000,
    /** Resources that `$meta` of a type or of the system looks at. */
    maxMetas: 20_000,
    countMs: 30_000,
    /** Joins (chains, _has, _list, paths of _filter) that follow one another, and all of one search. */
    maxChainDepth: 8,
    maxJoins: 200,
    maxJoinTries: 5000,
    /** Rounds of `:iterate`; references that one include looks up backwards. */
    maxIncludeRounds: 10,
    includeTokens: 100_000,
    filterLength: 4000,
    filterDepth: 20,
    filterTests: 100,
    /** Records that `_text` and `_content` look through, and characters that they may ask for. */
    textCandidates: 10_000,
    textLength: 1000,
    /** Alternatives of a composite parameter: each is a condition of its own, and planning hundreds takes seconds. */
    maxPairs: 50,
    /** Characters of a number asked for, and its order of magnitude, up or down. */
    numberLength: 100,
    numberMagnitude: 200,
    /** Characters of a UCUM code, and how many of them are kept once looked up. */
    unitLength: 100,
    knownUnits: 2000,
  },
  bundle: { maxEntries: 10_000 },
  /** What apps keep: of one, and how many of one code and subject. */
  appState: { bytes: 256 * 1024, ofOnePlace: 100 },
  patch: { maxOperations: 1000, copiedBytes: 1024 * 1024, pathLength: 500, evaluatedBytes: 64 * 1024 * 1024 },
  /** What a transaction keeps before it goes to the database; what one resource may be found by, and how many values it may have. */
  write: {
    waitingRows: 500,
    /** Small transactions of one moment are committed together, up to so many rows; one of more than the second number goes alone. */
    togetherRows: 64,
    togetherEach: 16,
    waitingBytes: 8 * 1024 * 1024,
    indexEntries: 100_000,
    resourceValues: 500_000,
    /** Numbers of names that come again and again, about 200 bytes each. */
    rememberedNumbers: 20_000,
    /** Of what was presumed and was not so: then it is presumed anew. */
    doubts: 20_000,
  },
  history: {
    defaultCount: 20,
    maxCount: 1000,
    /** How often one page looks for versions that a reader limited to one patient may see, and how many versions each look takes at least. */
    looks: 10,
    lookCount: 100,
  },
  /** A larger transaction has several: each is indexed by all its targets, and comes along with every one of them. */
  provenance: { targets: 500 },
  audit: {
    /** References that one entry names, and bytes of the request that it keeps. */
    touched: 2000,
    queryBytes: 16 * 1024,
    /** Entries that go together, that may wait, and statements that write them at a time. */
    batch: 200,
    waiting: 20_000,
    writers: 1,
    /** How often the sealer looks, how many entries a block seals, and how many blocks it makes at a time. */
    sealMs: 5000,
    blockEvents: 5000,
    blocks: 1000,
    /** Entries that a page of a search tells, and that a family's log and an account of disclosures look through. */
    defaultCount: 50,
    maxCount: 500,
    looked: 20_000,
    /** Nothing younger is pruned; accounts of disclosures go back as far (45 CFR 164.528: six years). */
    keepYears: 6,
  },
  paging: { linkLifeSeconds: 3600 },
  auth: {
    codeLifeSeconds: 60,
    launchLifeSeconds: 300,
    /** How long something waits for a second administrator. */
    adminRequestSeconds: 24 * 3600,
    accessTokenSeconds: 3600,
    backendTokenSeconds: 300,
    assertionSeconds: 300,
    clockSkewSeconds: 60,
    sessionSeconds: 8 * 3600,
    /** Tolerance for a client whose clock runs a little ahead when it asks for the full five minutes. */
    expiryLeewaySeconds: 10,
    standingCacheMs: 2000,
    /** Verified access tokens whose signatures are not checked again. */
    rememberedTokens: 5000,
    sweepSeconds: 60,
    sweepRounds: 50,
    jwtBytes: 16 * 1024,
    formBytes: 64 * 1024,
    scopeFilterLength: 1000,
    scopePairs: 10,
    scopeValues: 50,
    scopes: 500,
    /** A refresh token that is not used for so long is worth nothing: more than the three months that apps may count on. */
    refreshSeconds: 120 * 24 * 3600,
    /** The longest time after its use in which a refresh token may be sent again, where a site allows that at all. */
    maxRefreshGraceSeconds: 60,
    grantsListed: 1000,
    registeredUrls: 50,
    /** How often a grant's last use is written down. */
    lastUseMs: 60_000,
    /** A new signing key is published so long before it signs: longer than anybody keeps our JWKS. */
    keyAheadSeconds: 600,
    keysRereadMs: 3000,
    /** scrypt's N for client secrets, which have 256 bits of their own. */
    secretCost: 16_384,
    rememberedSecrets: 1000,
  },
  /** People who sign in, and the questions they are asked on the way to an app. */
  people: {
    passwordLength: 12,
    passwordBytes: 1024,
    /** 32 MB and about a quarter of a second each. */
    scrypt: { N: 32_768, r: 8, p: 3 },
    hashesAtOnce: 2,
    hashesWaiting: 40,
    /** Wrong passwords or codes before an account rests, for how long first, and at most; it doubles each time. */
    freeFailures: 5,
    restSeconds: 30,
    maxRestSeconds: 900,
    /** Failures from one address within the window. A school or clinic shares one, so there are many. */
    addressFailures: 100,
    addressWindowSeconds: 600,
    /** Steps of 30 s by which a phone's clock may be off. */
    totpWindow: 1,
    recoveryCodes: 10,
    enrolmentSeconds: 3 * 24 * 3600,
    stepSeconds: 600,
    transactionSeconds: 900,
    /** Requests that wait in one browser at a time. */
    openTransactions: 10,
    /** Children or encounters that a page offers to choose from. */
    choices: 20,
    /** Children of one person that a page offers: a caseworker has many. */
    childrenListed: 500,
    searchLength: 100,
    grantsShown: 200,
    launchContextBytes: 16 * 1024,
  },
  /**
   * Requests a minute, of one address (a network of IPv6) or of one caller; `RATE_LIMITS` changes them. A hospital's whole staff comes
   * from one address, so what is counted by address is many. A machine (a client without a person) may ask `machineFactor` times as often.
   */
  rates: {
    perMinute: {
      authorize: 3000,
      token: 3000,
      introspect: 6000,
      'sign-in': 300,
      open: 3000,
      hooks: 6000,
      /** Requests without a good access token. */
      unauthorized: 600,
      read: 6000,
      search: 3000,
      write: 3000,
      operation: 600,
      export: 60,
    },
    machineFactor: 500,
    /** Askers that are told apart. */
    buckets: 1_048_576,
    /** Addresses of which the audit trail is told in a minute that they are kept waiting. */
    toldAddresses: 200,
    /** Known callers of whom it is told by themselves; of the others once for all. */
    toldCallers: 10_000,
  },
  /** How long a policy and what was found about a person are remembered; records whose categories one transaction of the job works out. */
  access: {
    rememberedMs: 2000,
    remembered: 10_000,
    relabelRows: 500,
    /** A server starts with a clock that is so far behind its audit trail, and no farther. */
    clockBehindMs: 5 * 60_000,
    /** How often, and after how long again, it is asked whether transactions of before have ended. */
    openTransactionChecks: 60,
    openTransactionCheckMs: 500,
    explanationLength: 1000,
    policyBytes: 1024 * 1024,
    /** Labelled parts that a new version does not have, times its new parts: more of them are not compared. */
    labelledParts: 100_000,
    /** Sets of categories that the parts of one record have: of more the database is not asked, and less is told. */
    partsAsked: 20,
  },
  jwks: { bytes: 64 * 1024, cacheSeconds: 300, refetchSeconds: 60, fetchMs: 5000, keys: 100 },
  outbound: {
    connectMs: 10_000,
    totalMs: 60_000,
    bodyBytes: 64 * 1024 * 1024,
    jsonDepth: 64,
    /** Where addresses that nobody configured may be asked. */
    ports: [443, 8443] as readonly number[],
    redirects: 3,
    retries: 4,
    retryBaseMs: 500,
    retryMaxMs: 30_000,
  },
  sync: {
    siteOriginsMs: 60_000,
    pageSize: 200,
    pagesPerSearch: 10_000,
    patientsPerRun: 1_000_000,
    referenceRounds: 3,
    requestsPerSite: 4,
    leaseSeconds: 60,
    outboxAttempts: 10,
    outboxBatch: 50,
    visibilityMs: 2000,
  },
  jobs: {
    batch: 20,
    atOnce: 4,
    leaseSeconds: 60,
    attempts: 8,
    pollMs: 1000,
    /** Jobs wait until no request was under way for the first of these, but no longer than the second. */
    quietMs: 10,
    giveWayMs: 1000,
    /** Workers are told of new jobs this often at most. */
    noticeMs: 10,
    backoffBaseSeconds: 2,
    backoffMaxSeconds: 3600,
    keepDoneSeconds: 24 * 3600,
    drainRuns: 1_000_000,
  },
  care: {
    /** Overdue referrals that one run of the job tells of, and how often it runs. */
    escalationsAtOnce: 100,
    escalateEveryMs: 15 * 60_000,
    /** Consents that have run out that one run of the job follows, how often it runs at the least, and when one is tried again that could not be followed. */
    consentEndsAtOnce: 100,
    consentEndEveryMs: 24 * 3_600_000,
    consentEndAgainMs: 60 * 60_000,
    /** Lines of the work queue that are asked for at once, and how many Tasks are looked at for them. */
    queuePage: 200,
    queueLook: 5000,
    /** A Task that nobody has touched for so long is stuck; one that is due within so long is due. */
    stuckDays: 30,
    dueDays: 7,
    /** Appointments around a day that are looked through for a huddle. */
    huddleVisits: 20_000,
    /** Monthly digests that one run of the job sends, how often it runs, and when one is tried again that could not be written; lines of each list in it. */
    digestsAtOnce: 100,
    digestEveryMs: 60 * 60_000,
    digestAgainMs: 24 * 3_600_000,
    digestLines: 50,
    /** Coming visits that one page of the pre-visit list tells of: the record of each child is read for it. */
    visitsAtOnce: 100,
    /** Children whose needs one answer counts; children of whom one run of the job looks which screenings are overdue, how often, and days to ask in. */
    cascadeChildren: 5000,
    screeningChildrenAtOnce: 50,
    screeningEveryMs: 24 * 60 * 60_000,
    screeningDays: 7,
    /** Items of a form, and of a response to it, that are looked at; and how long all expressions of a form may take together. */
    formItems: 2000,
    responseItems: 5000,
    formMs: 2000,
    /** Enrollments, and months of children, that one question about a program may be about; rows of a roster. */
    panelMax: 10_000,
    personMonthsMax: 50_000,
    rosterRows: 50_000,
    /** Characters of what somebody says in an operation: a reason, an opinion, a decision; decisions and attendees of one meeting. */
    wordsLength: 5000,
    meetingLines: 100,
    /** In so many days an emergency plan that is due for it is to be checked again. */
    emergencyReviewDays: 7,
    /** Of a scenario that somebody proposes: steps, and letters of each text. */
    scenarioSteps: 30,
    scenarioLength: 2000,
    /** Records of a child that are held against each other, and codes whose hierarchy is asked for; decisions that are taken at once. */
    reconcileRecords: 20_000,
    reconcileCodes: 2000,
    /** Pairs of records that have something in common; rows of one page of the answer. */
    reconcilePairs: 500_000,
    reconcileRows: 1000,
    decisionsAtOnce: 100,
    /** Of a plan that is imported as a document: bytes, elements of XML and how deep, rows of a table, letters of a cell, refused rows that are told. */
    documentBytes: 5 * 1024 * 1024,
    documentElements: 200_000,
    documentDepth: 100,
    tableRows: 2000,
    cellLength: 4000,
    refusedRows: 100,
    /** Letters of a picture of the child in base64, and its points to a side. */
    photoLength: 200_000,
    photoSide: 2000,
    /** Links to an emergency plan: days that one lasts with a passcode and without, wrong passcodes in all its life, how many are open and told of. */
    linkDays: 90,
    linkDaysMax: 366,
    openLinkDays: 1,
    openLinkDaysMax: 7,
    linkAttempts: 5,
    linksOpen: 10,
    linksListed: 50,
    linkFileMs: 15 * 60_000,
    passcodeMin: 6,
    passcodeMax: 64,
    /** What nobody has touched for so long is stale, unless the question says otherwise. */
    staleMonths: 12,
    /** Contacts that one answer counts. */
    contacts: 20_000,
    /** A shared plan is to be gone through again after so many months; when the child was not yet one, after so many. */
    reviewMonths: 6,
    infantReviewMonths: 3,
    /** The longest that people may agree on. */
    reviewMonthsMax: 12,
    /** Plans past their day that one run of the job tells of, and how often it runs. */
    reviewsAtOnce: 100,
    reviewEveryMs: 60 * 60_000,
    /** Plan documents that are kept to be told again while nothing changes, and for how long. */
    documentsKept: 32,
    documentKeptMs: 60_000,
    /** Records written here whose writers a rendering of the plan looks up. */
    attributedLines: 300,
  },
  demo: { portMs: 5000 },
  measures: {
    /** Children that are read, evaluated and kept together. */
    subjectsPerBatch: 50,
    /** Children who wait for their evaluation that another one's takes along. */
    takenAlong: 10,
    /** Days to come that logic which asks for today is evaluated on. */
    lookAheadDays: 31,
    /** Calls of a function of a measure's logic within each other. */
    callDepth: 100,
    /** Elements of a list, and characters of a text, that its logic may put together. */
    listLength: 1_000_000,
    textLength: 10_000_000,
    /** Rows that all queries of a measure look at for one child, and calls of functions: about a second of work. */
    rowsLooked: 5_000_000,
    /** One evaluation of a child, which takes a few milliseconds: far more than that, so that a busy server fails nobody. */
    evaluationMs: 5000,
    /** Parts of an interval that is expanded; levels of a structure whose descendants are asked for; units that are kept. */
    expandedParts: 100_000,
    descendantDepth: 50,
    knownUnits: 5000,
    /** Of regular expressions: characters, steps that matching may take, and how many of an operator are kept. */
    patternLength: 1000,
    patternSteps: 10_000_000,
    patternsKept: 50,
    /** The nightly sweep begins so long after midnight. */
    nightMs: 5 * 60_000,
    /** Of measures that users post: one library's CQL and ELM, levels of its ELM, libraries, retrieves and value sets of a measure. */
    cqlLength: 1024 * 1024,
    elmBytes: 20 * 1024 * 1024,
    elmDepth: 1000,
    /** Characters and levels of the model info that CQL is written over (QI-Core's has a million and seven), and models of one text. */
    modelLength: 5 * 1024 * 1024,
    modelDepth: 50,
    models: 10,
    libraries: 50,
    retrieves: 2000,
    valueSets: 500,
    /** One text, the first one included, which reads the model of FHIR; memory of the process, and how long it is kept. */
    translateMs: 60_000,
    translatorMb: 768,
    translatorIdleMs: 60_000,
    translationsKept: 50,
    translationsStored: 500,
    /** Of measures that users post, in their process: making one ready, one child's answer (more than `evaluationMs`), memory, measures held, idle. */
    compileMs: 30_000,
    postedMs: 8000,
    evaluatorMb: 768,
    /** So many such processes can be asked for (MEASURE_EVALUATORS): each has that memory. */
    evaluators: 16,
    evaluatorMeasures: 200,
    evaluatorIdleMs: 600_000,
    /** One that was stopped so often in a row is left alone for a while. */
    stopsInARow: 3,
    restMs: 600_000,
    /** How long a change that another process made may go unnoticed by writes. Jobs and operations always look. */
    lookMs: 100,
    /** After so long every server has heard of a measure that was posted. */
    heardMs: 1000,
    /** How long a caller who waits for a population's report is kept waiting for what is out of date. */
    patienceMs: 10_000,
    /** Children whose answers are computed anew every night. */
    verifiedChildren: 500,
    /** Children whose documents go into one answer; parts of an explanation, and how deep it goes. */
    childrenPerAnswer: 2000,
    explainedParts: 500,
    explainedDepth: 6,
  },
  terminology: {
    /** How long a change that another process made may go unnoticed by validation. */
    lookMs: 100,
    /** How long a transaction that changes profiles or terminology is waited for. */
    commitMs: 600_000,
    /** Codes of value sets, and profiles, that validation remembers. */
    rememberedCodes: 50_000,
    rememberedProfiles: 2000,
    /** Profiles, and value sets by code system, that are looked up for one resource at a time; characters of what is remembered. */
    lookedUp: 300,
    rememberedLength: 500,
    /** Times that a resource is validated while the profiles and codes that it needs are looked up. */
    validationRounds: 30,
    /** Codes an expansion may touch at any step; more is refused, never cut off. */
    expansion: 50_000,
    imports: 200,
    regexLength: 200,
    regexMs: 200,
    filterWords: 10,
    loadBatch: 1000,
    /** A code system from a FHIR file with more concepts goes to the concept tables. */
    resourceConcepts: 5000,
    loadBytes: 256 * 1024 * 1024,
    loadLine: 64 * 1024,
  },
  /** Parsed expressions that are kept; the time that one may take where it could run away (of an invariant, of a form), elements of a `repeat()`. */
  validation: { expressions: 20_000, expressionMs: 100, formExpressionMs: 1000, repeated: 10_000 },
  packages: {
    fileBytes: 512 * 1024 * 1024,
    unpackedBytes: 4 * 1024 * 1024 * 1024,
    resourceBytes: 128 * 1024 * 1024,
    entries: 100_000,
    /** The long name of one file. */
    headerBytes: 64 * 1024,
  },
  searchParameters: {
    /** Added while running, in use at a time. */
    inUse: 500,
    expressionLength: 1000,
    alternatives: 50,
    nesting: 5,
    /** Datatypes and choices that one expression may lead through at a time. */
    branches: 1000,
    codeLength: 64,
    /** Resources whose index one transaction of the job writes while others read and write. */
    jobRows: 200,
  },
  /** Rows and characters of a table that a backup reads, or a restore writes, at once; after how many rows it says how far it is. */
  backup: { rowsAtOnce: 200, lengthAtOnce: 8 * 1024 * 1024, sayRows: 100_000 },
  /** Numbers of records whose texts are looked through at once for what they say of a child that is erased. */
  erase: { keysAtOnce: 5000 },
  reindex: { batchRows: 500, batchBytes: 16 * 1024 * 1024 },
  database: {
    poolSize: 16,
    poolKept: 8,
    statementMs: 60_000,
    startMs: 60_000,
    namedShapes: 150,
    countedShapes: 2000,
    /** Short reads that travel together: how many at once; searches also in how many lanes; how long they wait before there is one more. */
    gathered: 16,
    searchLanes: 2,
    patienceMs: 10,
  },
} as const;
