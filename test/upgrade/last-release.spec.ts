import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { absenceOfTags, newestTag, removeOthers } from './last-release';

const AUTHOR = ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.com'];

describe('what is known of the last release', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ringonce-history-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const git = (...words: readonly string[]) =>
    execFileSync('git', [...AUTHOR, ...words], { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  const commit = (subject: string): string => {
    git('commit', '--quiet', '--allow-empty', '--message', subject);
    return git('rev-parse', 'HEAD');
  };
  const clone = (...how: readonly string[]): string => {
    git('clone', '--quiet', ...how, `file://${folder}`, 'copy');
    return join(folder, 'copy');
  };

  it('is nothing without a history', () => {
    expect(absenceOfTags(folder)).toMatch(/history is not here/);
    expect(newestTag(folder)).toBeUndefined();
  });

  it('is nothing in a clone that does not go back, or has no tags', () => {
    git('init', '--quiet');
    commit('one');
    git('tag', 'v0.1.0');
    commit('two');
    const shallow = clone('--depth=1');
    expect(absenceOfTags(shallow)).toMatch(/does not go back far/);
    rmSync(shallow, { recursive: true });
    expect(absenceOfTags(clone('--no-tags'))).toMatch(/no release has a tag/);
  });

  it('is the newest tag before the commit at hand', () => {
    git('init', '--quiet');
    const released = commit('one');
    git('tag', 'v0.1.0');
    expect([absenceOfTags(folder), newestTag(folder)]).toEqual([undefined, undefined]);
    commit('two');
    expect([absenceOfTags(folder), newestTag(folder)]).toEqual([undefined, { name: 'v0.1.0', commit: released }]);
  });
});

describe('builds of other releases', () => {
  it('are removed, and what a build has left that was broken off, but none that may be under way', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringonce-builds-'));
    const [wanted, other] = ['a'.repeat(40), 'b'.repeat(40)];
    for (const name of [wanted, other, 'making-left', 'making-now']) mkdirSync(join(folder, name));
    utimesSync(join(folder, 'making-left'), 0, 0);
    removeOthers(folder, wanted);
    const left = [wanted, other, 'making-left', 'making-now'].filter((name) => existsSync(join(folder, name)));
    expect(left).toEqual([wanted, 'making-now']);
    rmSync(folder, { recursive: true });
  });
});
