import { dirname, join } from 'node:path';
import { SECRET_VARIABLES, variables } from '../../src/settings';
import { readProject } from '../architecture/conventions';
import { documentedMetrics, exists, read } from '../support/operations-files';
import { blocksOf, wordsOf } from './documented-blocks';

const FILES = readProject();
const PAGES = Object.keys(FILES).filter((path) => path.endsWith('.md'));
/** For those who use and run the service; the others are for those who change it. */
const FOR_USERS = PAGES.filter((page) => page === 'README.md' || page.startsWith('docs/'));

/** What its SDK reads by itself. */
const OTEL = 'node_modules/@opentelemetry';
/** Variables that are not the service's own, and the file that reads them. */
const OF_OTHERS: Readonly<Record<string, string>> = {
  DATABASE_ADMIN_URL: 'scripts/db-migrate.ts',
  RINGONCE_DATABASE: 'docker-compose.yml',
  RINGONCE_PORT: 'docker-compose.yml',
  PGBOUNCER_BIN: 'test/fault/storm/pgbouncer.ts',
  PLANS_FORM: 'test/support/test-environment.ts',
  TEST_DATABASE_URL: 'test/support/test-environment.ts',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'src/shared/observability/tracing.ts',
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'src/shared/observability/tracing.ts',
  OTEL_SDK_DISABLED: 'src/shared/observability/tracing.ts',
  OTEL_TRACES_EXPORTER: 'src/shared/observability/tracing.ts',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'src/shared/observability/tracing-sdk.ts',
  OTEL_PROPAGATORS: 'src/shared/observability/tracing-sdk.ts',
  OTEL_BSP_MAX_QUEUE_SIZE: `${OTEL}/sdk-trace-base/build/src/BatchSpanProcessor-shim.js`,
  OTEL_BSP_SCHEDULE_DELAY: `${OTEL}/sdk-trace-base/build/src/BatchSpanProcessor-shim.js`,
  OTEL_EXPORTER_OTLP_HEADERS: `${OTEL}/otlp-exporter-base/build/src/configuration/otlp-node-http-env-configuration.js`,
  OTEL_EXPORTER_OTLP_TIMEOUT: `${OTEL}/otlp-exporter-base/build/src/configuration/shared-env-configuration.js`,
  OTEL_RESOURCE_ATTRIBUTES: `${OTEL}/resources/build/src/detectors/EnvDetector.js`,
  OTEL_SERVICE_NAME: `${OTEL}/resources/build/src/detectors/EnvDetector.js`,
  OTEL_TRACES_SAMPLER: `${OTEL}/sdk-trace-base/build/src/config.js`,
  OTEL_TRACES_SAMPLER_ARG: `${OTEL}/sdk-trace-base/build/src/config.js`,
};
/** Stand for any name: of a secret's variable, and of a vendor that is added. */
const ANY_SECRET = 'NAME_FILE';
const ANY_VENDOR = /\bacme\b/;

const SERVICE = Object.entries(FILES).flatMap(([path, text]) => (/^src\/.*\.ts$/.test(path) ? [text] : []));

/** Channels of the database, and a plan's key at Stripe. */
const NO_METRICS = /^ringonce_(calls|control|basic(_monthly)?)$/;

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const ROUTES = Object.entries((JSON.parse(read('openapi.json')) as Description).paths).flatMap(([path, methods]) =>
  Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{\w+\}/g, ':')}`),
);
const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> };

/** How GitHub names the anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

const anchorsOf = (page: string): readonly string[] =>
  [...wordsOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));

const quoted = (page: string): readonly string[] =>
  [...wordsOf(page).matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text);

const found = (page: string, pattern: RegExp): readonly string[] => [
  ...new Set([...read(page).matchAll(pattern)].map(([, text = '']) => text)),
];

describe.each(PAGES)('%s', (page) => {
  const links = [...wordsOf(page).matchAll(/\[([^\]]*)\]\(([^)\s]+)\)/g)].map(([, text = '', target = '']) => ({
    text,
    target,
  }));
  const inside = links.filter(({ target }) => !/^[a-z]+:/.test(target));

  it('links to what is there', () => {
    const broken = inside.filter(({ target }) => {
      const [path = '', anchor] = target.split('#');
      const file = path ? join(dirname(page), path) : page;
      return !exists(file) || (anchor !== undefined && !anchorsOf(file).includes(anchor));
    });
    expect(broken).toEqual([]);
  });

  it('quotes the tests that it links to word for word', () => {
    const misquoted = inside.filter(({ text, target }) => {
      const title = /^“(.*)”$/.exec(text)?.[1];
      return title !== undefined && !read(join(dirname(page), target)).includes(title);
    });
    expect(misquoted).toEqual([]);
  });

  it('names files that are there', () => {
    const paths = quoted(page).filter((text) =>
      /^(src|test|docs|sandbox|scripts|ops|drizzle|dist)\/[\w./-]+$/.test(text),
    );
    const sources = paths.map((path) => path.replace(/^dist\/(.*)\.js$/, '$1.ts'));
    expect(sources.filter((path) => !ANY_VENDOR.test(path) && !exists(path))).toEqual([]);
  });

  it('names commands that there are', () => {
    const names = found(page, /npm run (?:--silent )?([a-z][\w:-]*)/g);
    expect(names.filter((name) => !(name in scripts))).toEqual([]);
    const files = found(page, /node dist\/([\w/-]+)\.js/g);
    expect(files.filter((file) => !exists(`${file}.ts`))).toEqual([]);
  });
});

describe.each(FOR_USERS)('%s, for those who use the service,', (page) => {
  it('names variables that something reads', () => {
    const names = quoted(page).flatMap((text) => /^([A-Z]+_[A-Z_]+)(=.*)?$/.exec(text)?.[1] ?? []);
    const strangers = names.map(withoutFile).filter((name) => !(name in variables.shape) && !(name in OF_OTHERS));
    expect(strangers.filter((name) => name !== ANY_SECRET)).toEqual([]);
  });

  it('names routes that there are', () => {
    const named = [...read(page).matchAll(/\b(GET|POST|PUT|PATCH|DELETE) (\/(?:v1|health|metrics)[\w/:-]*)/g)];
    const routes = named.map(([, method = '', path = '']) => `${method} ${path.replace(/:\w+/g, ':')}`);
    expect(routes.filter((route) => !ROUTES.includes(route))).toEqual([]);
  });

  it('names codes that the service answers with', () => {
    const codes = quoted(page).filter((text) =>
      /^(auth|billing|calls|providers|queue|request|users)\.[a-z_]+$/.test(text),
    );
    expect(codes.filter((code) => !SERVICE.some((text) => text.includes(`'${code}'`)))).toEqual([]);
  });

  it('names metrics that there are', () => {
    const metrics = documentedMetrics().map(({ name }) => name);
    const names = found(page, /\b(ringonce_\w+)/g).map((name) => name.replace(/_(count|sum|bucket)$/, ''));
    expect(names.filter((name) => !metrics.includes(name) && !NO_METRICS.test(name))).toEqual([]);
  });
});

function withoutFile(name: string): string {
  const secret = name.replace(/_FILE$/, '');
  return SECRET_VARIABLES.includes(secret) ? secret : name;
}

describe('the documentation', () => {
  it.each(Object.entries(OF_OTHERS))('%s is read by %s', (name, file) => {
    expect(read(file)).toContain(name);
  });

  it('has every page in an index', () => {
    const index = read('docs/README.md');
    const pages = FOR_USERS.filter((page) => /^docs\/[^/]+\.md$/.test(page) && page !== 'docs/README.md');
    expect(pages.filter((page) => !index.includes(`](${page.slice('docs/'.length)})`))).toEqual([]);
    const decisions = FOR_USERS.filter((page) => page.startsWith('docs/decisions/'));
    const architecture = read('docs/architecture.md');
    expect(decisions.filter((page) => !architecture.includes(`](${page.slice('docs/'.length)})`))).toEqual([]);
  });

  it('gives every block a language that is known', () => {
    const languages = FOR_USERS.flatMap(blocksOf).map(({ page, line, language }) => [page, line, language] as const);
    const known = ['', 'json', 'mermaid', 'sh', 'sql', 'ts', 'yaml'];
    expect(languages.filter(([, , language]) => !known.includes(language))).toEqual([]);
  });
});
