'use strict';

/**
 * `npm run test:fault` kills at some points and lets a small storm rage, `-- --long` kills at every point and lets a
 * large one rage, `-- --seed 7` draws others. `-- --storm 5000` is a storm of so many calls alone.
 */
const { spawnSync } = require('node:child_process');
const { parseArgs } = require('node:util');

const { values } = parseArgs({
  options: { long: { type: 'boolean' }, seed: { type: 'string' }, storm: { type: 'string' } },
});
const environment = {
  ...process.env,
  FAULT_FORM: values.long ? 'long' : 'short',
  ...(values.seed !== undefined && { FAULT_SEED: values.seed }),
  ...(values.storm !== undefined && { FAULT_STORM: values.storm }),
};
const files = values.storm === undefined ? 'test/fault/' : 'test/fault/storm.spec';
const jest = ['node_modules/jest/bin/jest.js', '--selectProjects=whole', '--testPathPatterns', files];
const { status } = spawnSync(process.execPath, jest, { stdio: 'inherit', env: environment });
process.exitCode = status ?? 1;
