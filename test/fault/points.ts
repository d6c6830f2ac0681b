import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../sandbox/kit/random';

/** Every use case of a module, from its source: the classes that have an `execute`. */
export function useCasesOf(module: string): readonly string[] {
  const folder = join('src/modules', module, 'application');
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'));
  return files.flatMap((file) => {
    const source = readFileSync(join(folder, file), 'utf8');
    const name = /^export class (\w+)/m.exec(source)?.[1];
    return name !== undefined && /^ {2}(async )?execute\(/m.test(source) ? [name] : [];
  });
}

/** Some of the points, the same ones for a seed: those around what leaves for a vendor first of all. */
export function choosePoints(points: readonly string[], count: number, seed: number): readonly string[] {
  const random = seededRandom(seed);
  const drawn = points.map((point) => ({ point, lot: random() - (/POST|the commit/.test(point) ? 1 : 0) }));
  return drawn
    .sort((a, b) => a.lot - b.lot)
    .slice(0, count)
    .map(({ point }) => point);
}
