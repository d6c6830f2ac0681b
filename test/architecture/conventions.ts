import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Files, PROJECT } from './skeleton';

const NOT_OURS = ['node_modules', 'dist', 'coverage', '.git', '.data'];
const TEXT = /\.(ts|js|cjs|mjs|md|sql|ya?ml)$|(^|\/)(Dockerfile|\.env\.example|\.ci\/run)$/;

const VENDORS = 'src/modules/providers/adapters';
const REGISTRY = 'src/modules/providers/registry.ts';

/** Places that may name a vendor besides its own folder: its registration, its variables, and local mode. */
const MAY_NAME_VENDORS = [
  /^src\/modules\/providers\/registry\.ts$/,
  /settings\.ts$/,
  /^src\/main\.ts$/,
  /^src\/local\//,
];

const KINDS_OF_FOLDERS = /(^|\/)(utils?|helpers?|common|types|interfaces|constants|dtos?)\//;

/** What means nothing, or something else, to a reader elsewhere. */
const ONLY_FOR_INSIDERS = [
  { name: 'a number of an issue', pattern: /\bissues?\s+#?\d+|[\s(]#\d+\b/i },
  { name: 'a path of one machine', pattern: /(^|[\s"'`(=:])\/(work|home|root|Users|mnt)\/\w/m },
  { name: 'a note to oneself', pattern: /\b(TODO|FIXME|XXX|HACK)\b/ },
];

/** Every text file of the project with its content. */
export function readProject(folder = ''): Files {
  const entries = readdirSync(join(PROJECT, folder), { withFileTypes: true }).filter(
    ({ name }) => !NOT_OURS.includes(name),
  );
  const files: Record<string, string> = {};
  for (const entry of entries) {
    const path = folder ? `${folder}/${entry.name}` : entry.name;
    if (entry.isDirectory()) Object.assign(files, readProject(path));
    else if (TEXT.test(path)) files[path] = readFileSync(join(PROJECT, path), 'utf8');
  }
  return files;
}

/** A vendor is a folder below the adapters with a `*.provider.ts`. */
export function vendorsOf(files: Files): string[] {
  const vendors = Object.keys(files).map((path) => /^(.+)\/([^/]+)\/([^/]+)\.provider\.ts$/.exec(path));
  return vendors.flatMap((match) => (match?.[1] === VENDORS && match[2] ? [match[2]] : []));
}

/** A vendor is one folder, one line in the registry, one stand-in and one run of the contract; nobody else knows it. */
export function vendorProblems(files: Files): string[] {
  return vendorsOf(files).flatMap((vendor) => [
    ...missingPieces(files, vendor),
    ...placesThatName(files, vendor).map((path) => `${path} names ${vendor}`),
  ]);
}

function missingPieces(files: Files, vendor: string): string[] {
  const paths = Object.keys(files);
  const pieces = {
    [`${VENDORS}/${vendor}/${vendor}.provider.ts`]: `${VENDORS}/${vendor}/${vendor}.provider.ts` in files,
    [`a line in ${REGISTRY}`]: (files[REGISTRY] ?? '').includes(`./adapters/${vendor}/${vendor}.provider'`),
    [`sandbox/${vendor}/`]: paths.some((path) => path.startsWith(`sandbox/${vendor}/`)),
    [`test/contract/${vendor}*.contract.spec.ts`]: paths.some(
      (path) => path.startsWith(`test/contract/${vendor}`) && path.endsWith('.contract.spec.ts'),
    ),
  };
  return Object.entries(pieces).flatMap(([piece, isThere]) => (isThere ? [] : [`${vendor} lacks ${piece}`]));
}

function placesThatName(files: Files, vendor: string): string[] {
  const name = new RegExp(vendor, 'i');
  return Object.entries(files)
    .filter(([path]) => /^src\/.*\.ts$/.test(path) && !path.endsWith('.spec.ts'))
    .filter(
      ([path]) => !path.startsWith(`${VENDORS}/${vendor}/`) && !MAY_NAME_VENDORS.some((place) => place.test(path)),
    )
    .flatMap(([path, content]) => (name.test(content) ? [path] : []));
}

/** A folder is named for what it is about, and a file is imported by its own name. */
export function namingProblems(files: Files): string[] {
  const ours = Object.keys(files).filter((path) => /^(src|sandbox|scripts|test)\//.test(path));
  return [
    ...ours.filter((path) => path.endsWith('/index.ts')).map((path) => `${path} is a barrel`),
    ...ours.filter((path) => KINDS_OF_FOLDERS.test(path)).map((path) => `${path} lies in a folder named for a kind`),
    ...ours
      .filter((path) => path.endsWith('.ts') && !/^[a-z0-9.-]+$/.test(path.split('/').at(-1) ?? ''))
      .map((path) => `${path} is not in kebab-case`),
  ];
}

/** Each module says on one screen what it is for. */
export function readmeProblems(files: Files): string[] {
  const modules = new Set(Object.keys(files).flatMap((path) => /^src\/modules\/[^/]+/.exec(path)?.[0] ?? []));
  return [...modules].filter((module) => !files[`${module}/README.md`]).map((module) => `${module} has no README.md`);
}

/** The project's files speak of the product alone. */
export function wordProblems(files: Files): string[] {
  return Object.entries(files).flatMap(([path, content]) =>
    ONLY_FOR_INSIDERS.filter(({ pattern }) => pattern.test(content)).map(({ name }) => `${path} holds ${name}`),
  );
}
