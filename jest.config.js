const { readFileSync } = require('node:fs');
const { availableParallelism } = require('node:os');

// The specs are left out of the build, and must not be left out here.
const { exclude, ...swc } = JSON.parse(readFileSync(`${__dirname}/.swcrc`, 'utf8'));

/** Packages that ship only ES modules: jest on Node 20 cannot require them, so swc turns them into CommonJS. */
const esmOnly = [
  '@borewit/',
  '@fastify/static/',
  '@nestjs/',
  '@tokenizer/',
  'content-disposition/',
  'cookie/',
  'file-type/',
  'jose/',
  'strtok3/',
  'token-types/',
  'uint8array-extras/',
];

/** And those that import while they run, which jest cannot do without transforming them. */
const importsLate = ['@opentelemetry/otlp-exporter-base/'];

const common = {
  rootDir: __dirname,
  testEnvironment: 'node',
  transform: { '^.+\\.(t|j)s$': ['@swc/jest', { ...swc, swcrc: false }] },
  transformIgnorePatterns: [`/node_modules/(?!(${[...esmOnly, ...importsLate].join('|')}))`],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  restoreMocks: true,
};

module.exports = {
  // Two at least, because the tests wait for the database more than they compute; four at most, because each one
  // starts services of its own.
  maxWorkers: Math.min(Math.max(availableParallelism(), 2), 4),
  workerIdleMemoryLimit: '1GB',
  // A deadline for what hangs, far above what any test takes. (In a project, jest would ignore it.)
  testTimeout: 60_000,
  // The second one counts the search for secrets in logs and database as the last test.
  reporters: ['default', '<rootDir>/test/support/secret-search-reporter.cjs'],
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/{src,sandbox,scripts}/**/*.spec.ts', '<rootDir>/test/architecture/**/*.spec.ts'],
    },
    {
      ...common,
      displayName: 'whole',
      testMatch: ['<rootDir>/test/**/*.spec.ts', '<rootDir>/test/**/*.e2e-spec.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/architecture/'],
      setupFilesAfterEnv: ['<rootDir>/test/support/keep-logs.ts'],
      globalSetup: '<rootDir>/test/support/global-setup.ts',
      globalTeardown: '<rootDir>/test/support/global-teardown.ts',
    },
  ],
};
