// Preloaded into a service: tells at its end which packages of OpenTelemetry were loaded.
const { writeSync } = require('node:fs');

process.on('exit', () => {
  const packages = Object.keys(require.cache).flatMap((file) => /@opentelemetry\/([^/]+)/.exec(file)?.[1] ?? []);
  writeSync(1, `${JSON.stringify({ message: 'loaded', packages: [...new Set(packages)] })}\n`);
});
