/** Has Prometheus' own tool check the alert rules and run their tests: `promtool` on the PATH, or what PROMTOOL names. */
const { spawnSync } = require('node:child_process');

const promtool = process.env.PROMTOOL || 'promtool';

for (const words of [
  ['check', 'rules', 'alerts.yml'],
  ['test', 'rules', 'alerts.test.yml'],
]) {
  const { error, status } = spawnSync(promtool, words, { cwd: __dirname, stdio: 'inherit' });
  if (error) {
    process.stderr.write(
      `${promtool} cannot be run: ${error.message}. It comes with Prometheus; PROMTOOL may name it.\n`,
    );
    process.exit(78);
  }
  if (status !== 0) process.exit(1);
}
