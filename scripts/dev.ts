import { type ChildProcess, spawn } from 'node:child_process';
import { watch } from 'node:fs';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const FOLDERS = ['src', 'sandbox', 'scripts'];
/** An editor writes a file in several steps, and several files at once. */
const QUIET_MS = 100;

/** Compiles when a source changes; Node starts the service again whenever a file that it has loaded was compiled. */
function main(): void {
  const service = node('--watch', '--watch-preserve-output', '--enable-source-maps', 'dist/src/main.js');
  let compiling: NodeJS.Timeout | undefined;
  const watchers = FOLDERS.map((folder) =>
    watch(folder, { recursive: true }, () => {
      clearTimeout(compiling);
      compiling = setTimeout(compile, QUIET_MS);
    }),
  );
  const stop = () => {
    clearTimeout(compiling);
    for (const watcher of watchers) watcher.close();
    service.kill('SIGTERM');
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  service.on('exit', stop);
}

function compile(): void {
  node('node_modules/@swc/cli/bin/swc.js', ...FOLDERS, '--out-dir', 'dist', '--quiet');
}

function node(...parameters: readonly string[]): ChildProcess {
  return spawn(process.execPath, parameters, { stdio: 'inherit' });
}

main();
