// What an engine would take from an image, as shell assignments: node image-config.mjs <output of buildah inspect>
import { readFileSync } from 'node:fs';

const { config } = JSON.parse(readFileSync(process.argv[2], 'utf8')).Docker;
const quote = (text) => `'${String(text).replaceAll("'", "'\\''")}'`;
const list = (words) => `(${(words ?? []).map(quote).join(' ')})`;

console.log(`image_user=${quote(config.User ?? '')}`);
console.log(`image_directory=${quote(config.WorkingDir || '/')}`);
console.log(`image_environment=${list(config.Env)}`);
console.log(`image_entrypoint=${list(config.Entrypoint)}`);
console.log(`image_command=${list(config.Cmd)}`);
// Without the first word, which says that no shell is meant.
console.log(`image_healthcheck=${list(config.Healthcheck?.Test?.slice(1))}`);
