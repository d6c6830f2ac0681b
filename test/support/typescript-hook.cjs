/** `node --require`: runs the project's TypeScript in a process of its own, without a build. */
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { transformFileSync } = require('@swc/core');

const { exclude: _exclude, ...options } = JSON.parse(readFileSync(join(__dirname, '..', '..', '.swcrc'), 'utf8'));

require.extensions['.ts'] = (module, file) => {
  module._compile(transformFileSync(file, { ...options, swcrc: false, sourceMaps: 'inline' }).code, file);
};
