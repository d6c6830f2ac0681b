/**
 * Which way imports may run. `test/architecture/rules.spec.ts` breaks each rule once and expects its name in the report.
 * In a path, `$1` stands for what the first group of `from` matched.
 */
const TEST_FILE = '\\.(spec|fixtures)\\.ts$';
const WIRING = ['^src/(main|application|app\\.module)\\.ts$', '^src/local/'];

const insideModules = [
  {
    name: 'domain-is-pure',
    comment: 'The domain is plain TypeScript: no package, no Node builtin, nothing but the words of public folders.',
    from: { path: '^src/modules/([^/]+)/domain/', pathNot: TEST_FILE },
    to: { pathNot: ['^src/modules/$1/domain/', '^src/modules/[^/]+/public/', '^src/shared/kernel/'] },
  },
  {
    name: 'public-is-a-leaf',
    comment: 'What other modules import drags nothing along but further public words.',
    from: { path: '^src/modules/[^/]+/public/', pathNot: TEST_FILE },
    to: { pathNot: ['^src/modules/[^/]+/public/', '^src/shared/kernel/'] },
  },
  {
    name: 'application-sees-ports-not-adapters',
    comment:
      'A use case knows ports and the domain, and the story that its log lines belong to. Of packages it may use @nestjs/common (ESLint limits the names).',
    from: { path: '^src/modules/([^/]+)/application/', pathNot: TEST_FILE },
    to: {
      pathNot: [
        '^src/modules/$1/(domain|application|public)/',
        '^src/modules/[^/]+/public/',
        '^src/shared/kernel/',
        '^src/shared/observability/story\\.ts$',
        '^node_modules/@nestjs/common/',
      ],
    },
  },
  {
    name: 'adapters-do-not-know-each-other',
    comment: 'Adapters of one module meet in the application, never directly.',
    from: { path: '^src/modules/([^/]+)/adapters/([^/]+)/', pathNot: TEST_FILE },
    to: { path: '^src/modules/$1/adapters/', pathNot: '^src/modules/$1/adapters/$2/' },
  },
  {
    name: 'only-wiring-imports-adapters',
    comment: 'Everything else asks for the port.',
    from: {
      path: '^src/',
      pathNot: [
        '^src/modules/[^/]+/adapters/',
        '^src/modules/[^/]+/[^/]+\\.module\\.ts$',
        '^src/modules/providers/registry\\.ts$',
        ...WIRING,
        TEST_FILE,
      ],
    },
    to: { path: '^src/modules/[^/]+/adapters/' },
  },
];

const betweenModules = [
  {
    name: 'modules-meet-in-public',
    comment: 'A module sees only the public folder of another; module files may import module files.',
    from: { path: '^src/modules/([^/]+)/' },
    to: {
      path: '^src/modules/',
      pathNot: ['^src/modules/$1/', '^src/modules/[^/]+/public/', '^src/modules/[^/]+/[^/]+\\.module\\.ts$'],
    },
  },
  {
    name: 'module-files-are-wiring',
    comment: 'Only wiring imports a module file.',
    from: { path: '^src/', pathNot: ['\\.module\\.ts$', ...WIRING, TEST_FILE] },
    to: { path: '\\.module\\.ts$' },
  },
  {
    name: 'users-depends-on-no-module',
    from: { path: '^src/modules/users/' },
    to: { path: '^src/modules/(billing|calls|providers)/' },
  },
  {
    name: 'providers-depends-on-no-module',
    from: { path: '^src/modules/providers/' },
    to: { path: '^src/modules/(billing|calls|users)/' },
  },
  {
    name: 'billing-depends-on-users-only',
    from: { path: '^src/modules/billing/' },
    to: { path: '^src/modules/(calls|providers)/' },
  },
  {
    name: 'shared-knows-no-module',
    from: { path: '^src/shared/' },
    to: { path: '^src/modules/' },
  },
  {
    name: 'parts-know-not-the-whole',
    comment: 'Settings, wiring and local mode know the modules, not the other way round.',
    from: { path: '^src/(modules|shared)/' },
    to: { path: ['^src/[^/]+\\.ts$', '^src/local/'] },
  },
  {
    name: 'kernel-is-pure',
    from: { path: '^src/shared/kernel/', pathNot: TEST_FILE },
    to: { pathNot: '^src/shared/kernel/' },
  },
];

const technologies = [
  {
    name: 'drizzle-stays-in-drizzle',
    from: { path: '^src/', pathNot: ['^src/modules/[^/]+/adapters/drizzle/', '^src/shared/database/', TEST_FILE] },
    to: { path: '^node_modules/(drizzle-orm|pg|@types/pg)/' },
  },
  {
    name: 'prometheus-stays-in-observability',
    comment: 'Whoever measures asks Metrics for a counter, a gauge or a histogram.',
    from: { path: '^src/', pathNot: '^src/shared/observability/' },
    to: { path: '^node_modules/prom-client/' },
  },
  {
    name: 'opentelemetry-stays-in-observability',
    comment: 'Whoever has something to trace tells a story, or asks for a span.',
    from: { path: '^src/', pathNot: '^src/shared/observability/' },
    to: { path: '^node_modules/@opentelemetry/' },
  },
  {
    name: 'tracing-sdk-loads-late',
    comment: 'Where nobody asks for traces nothing of the SDK is even loaded.',
    from: { path: '^src/', pathNot: ['^src/shared/observability/tracing-sdk\\.ts$', TEST_FILE] },
    to: {
      path: ['^src/shared/observability/tracing-sdk\\.ts$', '^node_modules/@opentelemetry/(?!api/)'],
      dynamic: false,
      dependencyTypesNot: ['type-only'],
    },
  },
  {
    name: 'zod-stays-at-the-edges',
    from: {
      path: '^src/',
      pathNot: [
        '^src/modules/[^/]+/adapters/',
        '^src/modules/[^/]+/[^/]+\\.settings\\.ts$',
        '^src/settings\\.ts$',
        '^src/shared/(config|http)/',
        '^src/shared/[^/]+/[^/]+\\.settings\\.ts$',
      ],
    },
    to: { path: '^node_modules/zod/' },
  },
  {
    name: 'vapi-stays-in-vapi',
    from: { path: '^src/', pathNot: '^src/modules/providers/adapters/vapi/' },
    to: { path: '^node_modules/@vapi-ai/' },
  },
  {
    name: 'retell-stays-in-retell',
    from: { path: '^src/', pathNot: '^src/modules/providers/adapters/retell/' },
    to: { path: '^node_modules/retell-sdk/' },
  },
  {
    name: 'stripe-stays-in-stripe',
    from: { path: '^src/', pathNot: '^src/modules/billing/adapters/stripe/' },
    to: { path: '^node_modules/stripe/' },
  },
];

const standIns = [
  {
    name: 'sandbox-knows-no-src',
    comment: 'A stand-in that shares code with its driver would share its misunderstandings.',
    from: { path: '^sandbox/' },
    to: { path: '^src/' },
  },
  {
    name: 'src-reaches-no-sandbox',
    comment: 'Only main.ts may, in local mode.',
    from: { path: '^src/', pathNot: ['^src/main\\.ts$', TEST_FILE] },
    to: { path: '^sandbox/' },
  },
  {
    name: 'main-loads-sandbox-late',
    comment: 'In production no sandbox is even loaded.',
    from: { path: '^src/main\\.ts$' },
    to: { path: '^sandbox/', dynamic: false, dependencyTypesNot: ['type-only'] },
  },
];

const hygiene = [
  {
    name: 'no-circular',
    from: {},
    to: { circular: true },
  },
  {
    name: 'no-orphans',
    comment: 'A file that nothing imports and that imports nothing is a leftover, unless it is a command.',
    from: {
      orphan: true,
      pathNot: ['\\.d\\.ts$', '\\.(spec|e2e-spec)\\.ts$', '^src/main\\.ts$', '^scripts/(healthcheck|say-ready)\\.ts$'],
    },
    to: {},
  },
  {
    name: 'not-to-test',
    from: { path: '^(src|sandbox|scripts)/', pathNot: TEST_FILE },
    to: { path: [TEST_FILE, '^test/'] },
  },
  {
    name: 'not-to-dev-dependency',
    comment: 'What runs in production must be installed there.',
    from: { path: '^(src|sandbox|scripts)/', pathNot: TEST_FILE },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '^node_modules/@types/' },
  },
  {
    name: 'optional-packages-load-late',
    comment: 'They may be absent in production.',
    from: { path: '^(src|sandbox|scripts)/', pathNot: TEST_FILE },
    to: { dependencyTypes: ['npm-optional'], dynamic: false, dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'not-to-undeclared',
    comment: 'A package that only another package brings along may vanish with it.',
    from: {},
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  },
  {
    name: 'not-to-unresolvable',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'no-barrels',
    from: {},
    to: { path: '/index\\.ts$', pathNot: '^node_modules/' },
  },
];

const rules = [...insideModules, ...betweenModules, ...technologies, ...standIns, ...hygiene];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: rules.map((rule) => ({ severity: 'error', ...rule })),
  options: {
    doNotFollow: { path: '^node_modules' },
    exclude: { path: '^dist/' },
    // Imports that are only types count as well: they couple just the same.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      mainFields: ['main', 'types'],
    },
  },
};
