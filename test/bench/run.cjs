'use strict';

/**
 * `npm run bench` asks every question five times and prints a table; `-- --quick` asks all of them small and once.
 * `--only throughput,slots`, `--iterations 3`, `--seed 7`, `--json` (the table as JSON, progress on stderr).
 */
require('../support/typescript-hook.cjs');
require('./main.ts');
