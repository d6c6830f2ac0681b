import { withSession, urlOfDatabase } from '../../src/shared/database/connection';
import type { RunningServer } from '../../src/local/postgres-server';
import { keepContents } from './database-contents';
import { recordedSecrets, runFolder } from './run-record';
import { type Finding, type FolderReport, searchFolder } from './search-folder';
import { SecretSearch } from './secret-search';
import { databasePrefix } from './test-cluster';
import { announcedCluster } from './test-environment';

interface RunReport extends FolderReport {
  readonly secrets: number;
  readonly seconds: number;
  /** False on a server that was only lent: its files are out of reach. */
  readonly hasDatabaseFiles: boolean;
}

/** What the setup hands to the reporter and the teardown, which run in jest's own process. */
export interface RunUnderWay {
  readonly server: RunningServer | undefined;
  isSearched: boolean;
  /** Once, after the last test; ends the run's own server. @returns what is to be said, and whether anything was found */
  search(): Promise<{ readonly words: string; readonly isClean: boolean }>;
}
export const underWay = globalThis as { ringonceRun?: RunUnderWay | undefined };

const SHOWN_FINDINGS = 40;

/** What the setup leaves for the others. */
export function runOn(server: RunningServer | undefined): RunUnderWay {
  return {
    server,
    isSearched: false,
    async search() {
      this.isSearched = true;
      const report = await searchRun(server);
      return { words: describeReport(report), isClean: report.findings.length === 0 };
    },
  };
}

/** Searches the logs, the rows and the database's files of the run for its secrets. */
async function searchRun(server: RunningServer | undefined): Promise<RunReport> {
  const startedAt = Date.now();
  await keepDatabasesLeft();
  // In order: what it still has in memory belongs into its files.
  await server?.stop('fast');
  const secrets = recordedSecrets();
  const report = searchFolder(runFolder(), new SecretSearch(secrets));
  const seconds = (Date.now() - startedAt) / 1000;
  return { ...report, secrets: secrets.length, seconds, hasDatabaseFiles: server !== undefined };
}

/** One line, and one more for each place. Labels, never values. */
function describeReport(report: RunReport): string {
  const { secrets, files, bytes, seconds, findings, hasDatabaseFiles } = report;
  const scope = hasDatabaseFiles
    ? 'logs, rows and database files'
    : 'logs and rows (the files of a database server that was lent cannot be read)';
  const effort = `${secrets} secrets, ${files} files, ${(bytes / 2 ** 20).toFixed(0)} MB, ${seconds.toFixed(1)} s`;
  if (findings.length === 0) return `No secret of the tests is in clear in ${scope}: ${effort}`;
  const lines = findings.slice(0, SHOWN_FINDINGS).map(describeFinding);
  const more = findings.length - lines.length;
  return [
    `Secrets of the tests are in clear in ${scope} (${effort}):`,
    ...lines,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join('\n');
}

function describeFinding({ file, label, form, times }: Finding): string {
  return `  ${file}: ${label}${form === 'clear' ? '' : ` as ${form}`}${times === 1 ? '' : ` (${times} times)`}`;
}

/** Databases whose test was broken off. */
async function keepDatabasesLeft(): Promise<void> {
  const cluster = announcedCluster();
  const databases = await withSession(cluster.superuserUrl, (session) =>
    session.query<{ name: string }>('select datname as name from pg_database where datname like $1', [
      `${databasePrefix(cluster)}%`,
    ]),
  );
  for (const { name } of databases) {
    await withSession(urlOfDatabase(cluster.superuserUrl, name), (session) => keepContents(name, session.query));
  }
}
