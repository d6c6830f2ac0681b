import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import release from './last-release.json';

/** Below `dist`, so that it finds the project's own packages, and nothing takes it for a part of the project. */
const FOLDER = resolve('dist/last-release');
/** What a build consists of. */
const SOURCES = ['src', 'sandbox', 'scripts', 'drizzle', 'package.json', 'package-lock.json', '.swcrc'];
const MOST_BYTES = 256 * 1024 * 1024;
const COMMIT = /^[0-9a-f]{40}$/;
const MAKING = 'making-';
/** Many times what a build takes. */
const LONGEST_BUILD_MS = 600_000;

/** The version before this one, built. */
export interface LastRelease {
  readonly name: string;
  readonly root: string;
  /** The migrations that it knows. */
  readonly migrations: readonly string[];
  /** Packages of which it was released with another version than the one it runs with here: `name 1.0.0 -> 1.1.0`. */
  readonly otherPackages: readonly string[];
}

/** Why the version before this one cannot be had; undefined when it can. */
export function absenceOfLastRelease(): string | undefined {
  const { name, commit } = release;
  if (!COMMIT.test(commit)) return `test/upgrade/last-release.json names no commit: ${commit}`;
  if (existsSync(folderOf(commit))) return undefined;
  if (git('rev-parse', '--git-dir').status !== 0) return `${name} is taken out of git's history, which is not here`;
  if (git('cat-file', '-e', `${commit}^{commit}`).status === 0) return undefined;
  return `${name} (${commit.slice(0, 12)}) is not in this clone's history: git fetch --unshallow`;
}

/** Why a clone cannot tell which version was released last; undefined when it can. */
export function absenceOfTags(clone = '.'): string | undefined {
  const shallow = gitIn(clone, 'rev-parse', '--is-shallow-repository');
  if (shallow.status !== 0) return "git's history is not here";
  if (shallow.stdout.toString().trim() === 'true')
    return 'this clone does not go back far: git fetch --unshallow --tags';
  const tags = gitIn(clone, 'tag', '--list', 'v[0-9]*').stdout.toString().trim();
  return tags === '' ? 'no release has a tag here: git fetch --tags, unless there is none yet' : undefined;
}

/**
 * The newest release before the present commit that carries a tag, such as v0.2.0; undefined where none does. The
 * version that was released last must be this one: `test/upgrade/last-release.json` moves with the first commit after.
 */
export function newestTag(clone = '.'): { readonly name: string; readonly commit: string } | undefined {
  const found = gitIn(clone, 'describe', '--tags', '--match', 'v[0-9]*', '--abbrev=0', 'HEAD~1');
  if (found.status !== 0) return undefined;
  const name = found.stdout.toString().trim();
  return { name, commit: gitIn(clone, 'rev-parse', `${name}^{commit}`).stdout.toString().trim() };
}

/** Builds it, unless that has been done, and removes the ones before it. @throws when it cannot be built */
export function buildLastRelease(): LastRelease {
  const { name, commit } = release;
  const root = folderOf(commit);
  if (!existsSync(root)) build(commit, root);
  removeOthers(FOLDER, commit);
  return { name, root, migrations: migrationsOf(root), otherPackages: otherPackages(root) };
}

/** Removes the builds of other commits, and what was left of builds that were broken off; one may be under way. */
export function removeOthers(folder: string, commit: string): void {
  const isLeft = (entry: string) => Date.now() - statSync(join(folder, entry)).mtimeMs > LONGEST_BUILD_MS;
  for (const entry of readdirSync(folder))
    if (entry.startsWith(MAKING) ? isLeft(entry) : COMMIT.test(entry) && entry !== commit)
      rmSync(join(folder, entry), { recursive: true, force: true });
}

/** The names of the migrations below a folder, the first one first. */
export function migrationsOf(root: string): readonly string[] {
  const journal = readFileSync(join(root, 'drizzle/meta/_journal.json'), 'utf8');
  return (JSON.parse(journal) as { entries: { tag: string }[] }).entries.map(({ tag }) => tag);
}

/** Made aside and put in place as a whole: what is there is complete, also after a test was broken off. */
function build(commit: string, root: string): void {
  mkdirSync(FOLDER, { recursive: true });
  const making = mkdtempSync(join(FOLDER, MAKING));
  try {
    const archive = git('archive', '--format=tar', commit, '--', ...SOURCES);
    expectSuccess('git archive', archive);
    expectSuccess('tar', spawnSync('tar', ['-x', '-C', making], { input: archive.stdout }));
    const compile = [resolve('node_modules/@swc/cli/bin/swc.js'), 'src', 'sandbox', 'scripts', '--out-dir', 'dist'];
    expectSuccess('swc', spawnSync(process.execPath, [...compile, '--quiet'], { cwd: making }));
    renameSync(making, root);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    if (!existsSync(root)) throw error;
  }
}

function folderOf(commit: string): string {
  return join(FOLDER, commit);
}

function git(...words: readonly string[]) {
  return gitIn('.', ...words);
}

function gitIn(clone: string, ...words: readonly string[]) {
  return spawnSync('git', words, { cwd: clone, maxBuffer: MOST_BYTES });
}

function expectSuccess(step: string, { status, stderr, error }: ReturnType<typeof git>): void {
  if (status !== 0) throw new Error(`${step}: ${error?.message ?? stderr.toString()}`);
}

/** Only what runs with the service: the rest has no part in what it does. */
function otherPackages(root: string): readonly string[] {
  const [own, ours] = [packagesOf(root), packagesOf('.')];
  return [...own]
    .filter(([path, version]) => ours.get(path) !== version)
    .map(([path, version]) => `${path.replace('node_modules/', '')} ${version} -> ${ours.get(path) ?? 'none'}`);
}

function packagesOf(root: string): ReadonlyMap<string, string> {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version?: string; dev?: boolean; optional?: boolean }>;
  };
  const running = Object.entries(lock.packages).filter(([path, { dev, optional }]) => path && !dev && !optional);
  return new Map(running.map(([path, { version = '' }]) => [path, version]));
}
