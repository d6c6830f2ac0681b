import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from './skeleton';

interface Instruction {
  readonly name: string;
  readonly text: string;
}
interface Stage {
  readonly name: string;
  readonly from: string;
  readonly instructions: readonly Instruction[];
}

const read = (file: string): string => readFileSync(join(PROJECT, file), 'utf8');

function instructionsOf(text: string): Instruction[] {
  const lines = text.replace(/^\s*#.*\n/gm, '').replace(/\\\n/g, ' ');
  return lines.split('\n').flatMap((line) => {
    const [, name, rest] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    return name ? [{ name, text: rest ?? '' }] : [];
  });
}

function stagesOf(text: string): Stage[] {
  const stages: Stage[] = [];
  for (const instruction of instructionsOf(text)) {
    const [from = '', , name = ''] = instruction.text.split(/\s+/);
    if (instruction.name === 'FROM') stages.push({ name, from, instructions: [] });
    else (stages.at(-1)?.instructions as Instruction[] | undefined)?.push(instruction);
  }
  return stages;
}

/** What a stage says, and what it takes over from the stages that it is made of. */
function inherited(stage: Stage, stages: readonly Stage[]): readonly Instruction[] {
  const below = stages.find(({ name }) => name === stage.from && name !== '');
  return [...(below ? inherited(below, stages) : []), ...stage.instructions];
}

/** @param images the stages that become images */
function problemsOf(text: string, images: readonly string[]): string[] {
  const stages = stagesOf(text);
  const own = stages.filter(({ name }) => images.includes(name));
  return [...everywhere(text), ...own.flatMap((stage) => imageProblems(stage, stages))];
}

function everywhere(text: string): string[] {
  const all = instructionsOf(text);
  const of = (wanted: string) => all.filter(({ name }) => name === wanted).map(({ text: rest }) => rest);
  return [
    ...of('ADD').map(() => 'ADD may unpack and download: COPY'),
    ...of('ARG')
      .filter((rest) => /:latest|^\w*IMAGE=[^:]+$/.test(rest))
      .map(() => 'an image without a version'),
    ...of('FROM')
      .filter((rest) => !rest.startsWith('${') && /:latest|\/|:/.test(rest))
      .map(() => 'an image that is no ARG'),
    ...of('RUN')
      .filter((rest) => /\bnpm (i|install)\b/.test(rest))
      .map(() => 'the lock file does not decide'),
    ...of('ENV')
      .filter((rest) => /(SECRET|KEY|PASSWORD|TOKEN)=/.test(rest))
      .map(() => 'a secret'),
  ];
}

function imageProblems(stage: Stage, stages: readonly Stage[]): string[] {
  const all = inherited(stage, stages);
  const last = (wanted: string): string => all.findLast(({ name }) => name === wanted)?.text ?? '';
  const user = last('USER');
  const problems = [
    /^[1-9]\d*:[1-9]\d*$/.test(user) ? '' : 'USER is no number above 0',
    last('ENTRYPOINT').startsWith('[') ? '' : 'ENTRYPOINT in a shell, where no signal arrives',
    last('CMD').startsWith('[') ? '' : 'CMD in a shell',
    last('HEALTHCHECK').includes('CMD [') ? '' : 'HEALTHCHECK missing or in a shell',
    last('STOPSIGNAL') ? '' : 'STOPSIGNAL missing',
    last('EXPOSE') ? '' : 'EXPOSE missing',
  ];
  return problems.filter(Boolean).map((problem) => `${stage.name}: ${problem}`);
}

describe('the Dockerfile', () => {
  it('keeps our rules', () => {
    expect(problemsOf(read('Dockerfile'), ['service', 'demo'])).toEqual([]);
    expect(problemsOf(read('ops/pgbouncer/Dockerfile'), [''])).toEqual([]);
  });

  it('builds the service when nothing else is asked for', () => {
    expect(stagesOf(read('Dockerfile')).at(-1)?.name).toBe('service');
  });

  it('installs for production without what is optional, and brings no tests, sandbox or development command along', () => {
    const stages = stagesOf(read('Dockerfile'));
    const textOf = (name: string) =>
      (stages.find((stage) => stage.name === name)?.instructions ?? []).map(({ text }) => text).join('\n');
    expect(textOf('dependencies')).toContain('npm ci --omit=dev --omit=optional --ignore-scripts');
    expect(textOf('service')).toContain('--from=dependencies /app/node_modules');
    expect(textOf('service')).not.toMatch(/sandbox|test|\bdist dist\b/);
    expect(textOf('service')).toContain('NODE_ENV=production');
  });

  it('names its version by the one that .nvmrc names', () => {
    expect(read('Dockerfile')).toMatch(new RegExp(`^ARG NODE_IMAGE=node:${read('.nvmrc').trim()}-`, 'm'));
  });

  it('copies only what .dockerignore lets in', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .flatMap((line) => /^!([^/\n]+)/.exec(line)?.[1] ?? []);
    const copied = instructionsOf(read('Dockerfile'))
      .filter(({ name, text }) => name === 'COPY' && !text.startsWith('--from'))
      .flatMap(({ text }) => text.split(' ').slice(0, -1));
    for (const path of copied) expect(allowed).toContain(path);
    expect(read('.dockerignore')).toMatch(/^\*$/m);
  });
});

describe('a Dockerfile', () => {
  const good = [
    'ARG NODE_IMAGE=node:24',
    'FROM ${NODE_IMAGE} AS service',
    'STOPSIGNAL SIGTERM',
    'EXPOSE 3000',
    'USER 1000:1000',
    'HEALTHCHECK --interval=5s CMD ["node", "check.js"]',
    'ENTRYPOINT ["node"]',
    'CMD ["main.js"]',
  ];
  const problems = (...lines: readonly string[]) => problemsOf([...good, ...lines].join('\n'), ['service']);

  it('may be a good one', () => {
    expect(problems()).toEqual([]);
  });

  it.each([
    ['ADD . .', 'ADD'],
    ['ARG NODE_IMAGE=node', 'without a version'],
    ['ARG NODE_IMAGE=node:latest', 'without a version'],
    ['RUN npm install', 'lock file'],
    ['ENV STRIPE_SECRET_KEY=x', 'a secret'],
    ['USER node', 'USER'],
    ['USER 0:0', 'USER'],
    ['ENTRYPOINT node', 'ENTRYPOINT'],
    ['CMD node main.js', 'CMD'],
    ['HEALTHCHECK NONE', 'HEALTHCHECK'],
  ])('is refused with %s', (line, problem) => {
    expect(problems(line)).toEqual([expect.stringContaining(problem)]);
  });
});
