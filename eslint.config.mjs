import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const TESTS = ['**/*.spec.ts', '**/*.e2e-spec.ts', '**/*.contract.ts', 'test/**/*.ts'];
const CONFIGURATION = ['*.config.{js,mjs,ts}', '.dependency-cruiser.cjs', 'test/support/global-*.ts'];

/** One word per idea, spelled out. */
const ABBREVIATIONS = ['msg', 'cfg', 'ctx', 'opts', 'tmp', 'mgr', 'cb'];

const NO_DEFAULT_EXPORT = {
  selector: 'ExportDefaultDeclaration, ExportSpecifier[exported.name="default"]',
  message: 'Export by name: the file and what it offers keep one name everywhere.',
};
const NO_BARREL = {
  selector: 'ExportAllDeclaration',
  message: 'Import from the file that defines the thing; re-exporting everything ties knots.',
};
const NO_PROCESS_ENV_IMPORT = {
  selector: 'ImportDeclaration[source.value=/^(node:)?process$/] > ImportSpecifier[imported.name="env"]',
  message: 'Settings are read in one place: take them as a parameter.',
};

const NO_FORWARD_REF = {
  name: '@nestjs/common',
  importNames: ['forwardRef'],
  message: 'Two classes that need each other are a cycle: move the shared part out.',
};
const CORE_OF_NEST = {
  name: '@nestjs/common',
  allowImportNames: ['Injectable', 'Logger'],
  message: 'A use case knows nothing of HTTP or of modules.',
};

/** Small pieces: refusals first, the ordinary path at the left margin. */
const sizes = {
  'max-lines': ['error', { max: 200, skipBlankLines: true, skipComments: true }],
  'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
  'max-params': 'off',
  '@typescript-eslint/max-params': ['error', { max: 4, countVoidThis: false }],
  'max-depth': ['error', 3],
  complexity: ['error', 10],
};

const correctness = {
  eqeqeq: ['error', 'always', { null: 'ignore' }],
  'no-console': 'error',
  'no-else-return': 'error',
  'no-param-reassign': 'error',
  'no-var': 'error',
  'prefer-const': 'error',
  'object-shorthand': 'error',
  'id-denylist': ['error', ...ABBREVIATIONS],
  'no-restricted-imports': ['error', { paths: [NO_FORWARD_REF] }],
  'no-restricted-properties': [
    'error',
    { object: 'process', property: 'env', message: 'Settings are read in one place: take them as a parameter.' },
  ],
  'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT, NO_BARREL, NO_PROCESS_ENV_IMPORT],
};

const types = {
  '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
  // Brackets mark what comes from outside, such as the environment.
  '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/no-misused-promises': 'error',
  '@typescript-eslint/prefer-readonly': 'error',
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  // An underscore marks a parameter that only its position or its decorator is for.
  '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_' }],
  // An empty text counts as unset, which is what || says.
  '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
  // [...text] counts code points, and that is what is meant.
  '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
  // It asks for the assertion that no-non-null-assertion forbids.
  '@typescript-eslint/non-nullable-type-assertion-style': 'off',
  // Nest's modules are classes whose whole content is the decorator.
  '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
  // A number in a text reads the same with or without String().
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
  // `() => logger.warn(...)` is clear; braces around it would only add lines.
  '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
  // It rejects adapters that implement a port which is an abstract class, and fakes written as object literals.
  '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
};

export default defineConfig(
  { ignores: ['dist', 'coverage', 'node_modules', '.data', 'drizzle'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  { languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } } },
  { files: ['**/*.ts'], rules: { ...sizes, ...correctness, ...types } },
  {
    files: ['src/modules/*/application/**/*.ts'],
    ignores: TESTS,
    rules: { 'no-restricted-imports': ['error', { paths: [CORE_OF_NEST] }] },
  },
  {
    // The places where the environment enters, and people at a terminal are spoken to.
    files: ['src/main.ts', 'scripts/**/*.ts', 'test/support/**/*.ts', 'test/bench/**/*.ts', 'sandbox/*/main.ts'],
    rules: {
      'no-console': 'off',
      'no-restricted-properties': 'off',
      'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT, NO_BARREL],
    },
  },
  {
    files: TESTS,
    rules: {
      // A describe block is one function, and a table of cases is read from top to bottom.
      'max-lines': ['error', { max: 500, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': 'off',
      // Fakes keep the ports' promises without waiting for anything.
      '@typescript-eslint/require-await': 'off',
      // Fakes do nothing on purpose.
      '@typescript-eslint/no-empty-function': 'off',
      // The assertions themselves check what an answer's body holds.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      // A missing element fails the test with a clear message, which is what is wanted.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // expect(port.method) names a spy and never calls it.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    // Tools load their configuration as a default export, and on the machine of whoever runs them.
    files: CONFIGURATION,
    rules: { 'no-restricted-syntax': 'off', 'no-restricted-properties': 'off' },
  },
  {
    // Plain JavaScript has no types to check, and jest and dependency-cruiser load theirs with require().
    files: ['**/*.{js,cjs,mjs}'],
    ...tseslint.configs.disableTypeChecked,
    rules: {
      ...tseslint.configs.disableTypeChecked.rules,
      '@typescript-eslint/no-require-imports': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
    },
  },
);
