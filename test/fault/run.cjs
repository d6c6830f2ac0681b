'use strict';

/** `npm run test:fault` kills at some points, `-- --long` at every one, `-- --seed 7` at others. */
const { spawnSync } = require('node:child_process');
const { parseArgs } = require('node:util');

const { values } = parseArgs({ options: { long: { type: 'boolean' }, seed: { type: 'string' } } });
const environment = {
  ...process.env,
  ...(values.long && { FAULT_FORM: 'long' }),
  ...(values.seed !== undefined && { FAULT_SEED: values.seed }),
};
const jest = ['node_modules/jest/bin/jest.js', '--selectProjects=whole', '--testPathPatterns', 'test/fault/'];
const { status } = spawnSync(process.execPath, jest, { stdio: 'inherit', env: environment });
process.exitCode = status ?? 1;
