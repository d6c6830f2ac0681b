import { namingProblems, readmeProblems, readProject, vendorProblems, vendorsOf, wordProblems } from './conventions';

/** The specs of this folder quote what is forbidden. */
const project = Object.fromEntries(
  Object.entries(readProject()).filter(([path]) => !path.startsWith('test/architecture/')),
);

describe('a vendor of calls', () => {
  const acme = {
    'src/modules/providers/adapters/acme/acme.provider.ts': 'export const acme = {};',
    'src/modules/providers/registry.ts': "import { acme } from './adapters/acme/acme.provider';",
    'src/settings.ts': 'ACME_API_KEY',
    'src/modules/providers/adapters/drizzle/providers.table.ts': '',
    'sandbox/acme/server.ts': '',
    'test/contract/acme-call-provider.contract.spec.ts': '',
  };

  it('is one folder, one line, one stand-in and one run of the contract', () => {
    expect(vendorsOf(project)).not.toEqual([]);
    expect(vendorProblems(project)).toEqual([]);
    expect(vendorProblems(acme)).toEqual([]);
  });

  it('is missed when a piece is missing', () => {
    const path = 'src/modules/providers/adapters/acme/other.provider.ts';
    expect(vendorProblems({ [path]: '' })).toEqual([
      'acme lacks src/modules/providers/adapters/acme/acme.provider.ts',
      'acme lacks a line in src/modules/providers/registry.ts',
      'acme lacks sandbox/acme/',
      'acme lacks test/contract/acme*.contract.spec.ts',
    ]);
  });

  it('is named nowhere else', () => {
    const elsewhere = { ...acme, 'src/modules/calls/application/place-call.ts': "if (driver === 'Acme') return;" };
    expect(vendorProblems(elsewhere)).toEqual(['src/modules/calls/application/place-call.ts names acme']);
  });
});

describe('names', () => {
  it('say what a file is about', () => {
    expect(namingProblems(project)).toEqual([]);
  });

  it('are refused when they say only what kind of file it is', () => {
    expect(namingProblems({ 'src/index.ts': '', 'src/shared/utils/dates.ts': '', 'scripts/makeToken.ts': '' })).toEqual(
      [
        'src/index.ts is a barrel',
        'src/shared/utils/dates.ts lies in a folder named for a kind',
        'scripts/makeToken.ts is not in kebab-case',
      ],
    );
  });
});

describe('a module', () => {
  it('has a README', () => {
    expect(readmeProblems(project)).toEqual([]);
  });

  it('is named when it has none', () => {
    expect(readmeProblems({ 'src/modules/acme/acme.module.ts': '' })).toEqual(['src/modules/acme has no README.md']);
  });
});

describe('words', () => {
  it('are for every reader', () => {
    expect(wordProblems(project)).toEqual([]);
  });

  it.each([
    ['Fixes issue 12.', 'a number of an issue'],
    ['As found in #345.', 'a number of an issue'],
    ['Run it in /home/alice/ringonce.', 'a path of one machine'],
    ['// TODO: later', 'a note to oneself'],
  ])('%s is refused', (text, problem) => {
    expect(wordProblems({ 'README.md': text })).toEqual([`README.md holds ${problem}`]);
  });

  it('may be ordinary ones', () => {
    expect(
      wordProblems({ 'README.md': 'Issues are welcome: see /v1/calls and src/shared/http, colour #fff.' }),
    ).toEqual([]);
  });
});
