import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { parse } from 'yaml';
import { SECRET_VARIABLES, variables } from '../../src/settings';
import { PROJECT } from './skeleton';

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly target?: string };
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly profiles?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly { readonly host_ip?: string; readonly target: unknown; readonly published: string }[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string; readonly required?: boolean }>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly restart?: string;
  readonly user?: string;
  readonly privileged?: boolean;
  readonly volumes?: readonly string[];
  readonly stop_grace_period?: string;
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, { readonly file?: string }>>;
}

const FILES = ['docker-compose.yml', 'docker-compose.supabase.yml'];
/** Read by commands alone. */
const OF_COMMANDS = ['DATABASE_ADMIN_URL'];
/** Not the service's: what an image of somebody else, or a job of ours, is told. */
const OF_OTHERS = ['POSTGRES_PASSWORD_FILE', 'PUBLISHED_PORT', 'TOKENS'];

const read = (file: string): string => readFileSync(join(PROJECT, file), 'utf8');
const compose = (text: string): Compose => parse(text, { merge: true }) as Compose;
const isOurs = ({ image }: Service): boolean => image?.startsWith('ringonce') === true;
const isJob = ({ restart }: Service): boolean => restart === 'no';

function schemaProblems(text: string): string[] {
  const schema = JSON.parse(read('test/architecture/compose/compose-spec.json')) as Record<string, unknown>;
  // The address of the draft is written with https there, which the validator takes for another draft.
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  const validate = ajv.compile({ ...schema, $schema: 'http://json-schema.org/draft-07/schema#' });
  if (validate(compose(text))) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

/** What we ask for beyond the schema. */
function ruleProblems(text: string): string[] {
  const { services } = compose(text);
  return Object.entries(services).flatMap(([name, service]) =>
    [
      ...exposed(service),
      ...soft(service),
      ...unbuilt(service, services),
      ...unwatched(service),
      ...unordered(service, services),
      ...strange(service),
    ].map((problem) => `${name}: ${problem}`),
  );
}

const exposed = ({ ports = [] }: Service): string[] =>
  ports.filter(({ host_ip: host }) => host !== '127.0.0.1').map(() => 'publishes a port beyond this machine');

/** What makes a container softer than it could be, the last two for images of our own. */
const SOFT: readonly (readonly [problem: string, isSo: (service: Service) => boolean])[] = [
  ['may gain privileges', (service) => !(service.security_opt ?? []).includes('no-new-privileges:true')],
  ['is privileged', (service) => service.privileged === true],
  ['is root', (service) => service.user === 'root' || service.user === '0'],
  ['can write to its root file system', (service) => isOurs(service) && !service.read_only],
  ['keeps capabilities', (service) => isOurs(service) && !(service.cap_drop ?? []).includes('ALL')],
];
const soft = (service: Service): string[] => SOFT.filter(([, isSo]) => isSo(service)).map(([problem]) => problem);

/** Whoever starts a service starts what it depends on: one of them builds the image. Two at once would meet. */
function unbuilt(service: Service, services: Compose['services']): string[] {
  if (!isOurs(service)) return [];
  const together = [service, ...behind(service, services)];
  if (!together.some(({ image, build }) => build && image === service.image)) return ['is started without its image'];
  const builders = Object.values(services).filter(({ image, build }) => build && image === service.image);
  return builders.length > 1 ? ['has an image that several build'] : [];
}

function behind({ depends_on: others = {} }: Service, services: Compose['services']): Service[] {
  const direct = Object.keys(others).flatMap((name) => services[name] ?? []);
  return direct.flatMap((other) => [other, ...behind(other, services)]);
}

/** An image of ours brings its own check, which only jobs switch off. */
function unwatched(service: Service): string[] {
  const { test, disable = false } = service.healthcheck ?? {};
  if (isJob(service)) return disable ? [] : ['is a job that is asked for its health'];
  if (disable || (!isOurs(service) && !test)) return ['is not watched'];
  return service.restart === 'unless-stopped' || service.profiles ? [] : ['does not come back'];
}

function unordered({ depends_on: others = {} }: Service, services: Compose['services']): string[] {
  return Object.entries(others).flatMap(([name, { condition }]) => {
    const other = services[name];
    if (!other) return [`waits for ${name}, which is not there`];
    const expected = isJob(other) ? 'service_completed_successfully' : 'service_healthy';
    return condition === expected ? [] : [`waits for ${name} to be ${condition}`];
  });
}

/** Every variable is one that somebody reads, and a secret comes from outside or from a file. */
function strange({ environment = {} }: Service): string[] {
  const files = [...SECRET_VARIABLES, ...OF_COMMANDS].map((name) => `${name}_FILE`);
  const known = new Set([...Object.keys(variables.shape), ...files, ...OF_OTHERS]);
  return Object.keys(environment).flatMap((name) => {
    if (!known.has(name)) return [`sets ${name}, which nobody reads`];
    return SECRET_VARIABLES.includes(name) ? [`has the secret ${name} in it`] : [];
  });
}

/** The sources of the commands that a container is started with. */
function scriptsOf({ command = [], entrypoint = [] }: Service): string[] {
  const built = [...command, ...entrypoint].filter((word) => word.startsWith('dist/'));
  return built.map((path) => path.slice('dist/'.length).replace(/\.js$/, '.ts'));
}

function missingImage({ build }: Service): string | undefined {
  if (!build) return undefined;
  const file = join(build.context, 'Dockerfile');
  if (!existsSync(join(PROJECT, file))) return file;
  const stage = new RegExp(`^FROM \\S+ AS ${build.target ?? ''}$`, 'm');
  return build.target && !stage.test(read(file)) ? build.target : undefined;
}

describe.each(FILES)('%s', (file) => {
  it('is what the Compose Specification says', () => {
    expect(schemaProblems(read(file))).toEqual([]);
  });

  it('keeps our own rules', () => {
    expect(ruleProblems(read(file))).toEqual([]);
  });

  it('names commands, images and volumes that exist', () => {
    const { services, volumes = {} } = compose(read(file));
    for (const service of Object.values(services)) {
      expect(scriptsOf(service).filter((path) => !existsSync(join(PROJECT, path)))).toEqual([]);
      for (const mount of service.volumes ?? []) expect(Object.keys(volumes)).toContain(mount.split(':')[0]);
      expect(missingImage(service)).toBeUndefined();
    }
  });

  it('gives the service longer to stop than it takes', () => {
    const { stop_grace_period: grace } = compose(read(file)).services['service'] ?? {};
    expect(Number.parseInt(grace ?? '', 10) * 1_000).toBeGreaterThan(variables.parse({}).SHUTDOWN_TIMEOUT_MS + 5_000);
  });
});

describe('docker-compose.supabase.yml', () => {
  it('has no database of its own', () => {
    const { services } = compose(read('docker-compose.supabase.yml'));
    expect(Object.values(services).filter((service) => !isOurs(service))).toEqual([]);
  });
});

describe('a compose file', () => {
  const service = {
    image: 'ringonce:local',
    build: { context: '.' },
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    restart: 'unless-stopped',
  };
  const problemsOf = (change: object, others: object = {}): string[] =>
    ruleProblems(JSON.stringify({ services: { service: { ...service, ...change }, ...others } }));

  it('is refused when it is none', () => {
    expect(schemaProblems('services: { service: { imige: x } }')).not.toEqual([]);
    expect(problemsOf({})).toEqual([]);
  });

  it.each([
    ['a port for everybody', { ports: [{ target: 3000, published: '3000' }] }, 'beyond this machine'],
    ['a root file system to write to', { read_only: false }, 'can write'],
    ['capabilities', { cap_drop: [] }, 'capabilities'],
    ['privileges', { security_opt: [] }, 'privileges'],
    ['a root user', { user: 'root' }, 'is root'],
    ['a secret', { environment: { CREDENTIALS_KEYS: 'k1:x' } }, 'secret CREDENTIALS_KEYS'],
    ['a file for what is no secret', { environment: { PORT_FILE: '/x' } }, 'PORT_FILE'],
    ['a name that nobody reads', { environment: { DATABSE_URL_FILE: '/x' } }, 'DATABSE_URL_FILE'],
    ['an image that nobody builds', { build: undefined }, 'without its image'],
    ['no health', { healthcheck: { disable: true } }, 'not watched'],
    ['a dependency on nobody', { depends_on: { nobody: { condition: 'service_healthy' } } }, 'not there'],
  ])('is refused with %s', (_, change, problem) => {
    expect(problemsOf(change)).toEqual([expect.stringContaining(problem)]);
  });

  it('is refused when two build one image', () => {
    const problems = problemsOf({}, { other: service });
    expect(problems).toEqual([expect.stringContaining('several build'), expect.stringContaining('several build')]);
  });

  it('is refused when a job is waited for like a service', () => {
    const job = { ...service, image: 'ringonce-job:local', restart: 'no', healthcheck: { disable: true } };
    const waiting = { depends_on: { job: { condition: 'service_started' } } };
    expect(problemsOf(waiting, { job })).toEqual(['service: waits for job to be service_started']);
  });
});
