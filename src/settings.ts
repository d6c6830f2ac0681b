import { z } from 'zod';
import { localVariables } from './local/local.settings';
import {
  BILLING_RATE_BUCKET,
  type BillingModuleSettings,
  billingVariables,
  type PaymentSide,
} from './modules/billing/billing.settings';
import type { DispatchSettings } from './modules/calls/application/dispatch-settings';
import { callsVariables } from './modules/calls/calls.settings';
import { type ProvidersSettings, providersVariables } from './modules/providers/providers.settings';
import { type TokenSettings, usersVariables } from './modules/users/users.settings';
import { type DatabaseSettings, databaseVariables } from './shared/database/database.settings';
import { type HttpSettings, httpVariables } from './shared/http/http.settings';
import { LOG_LEVELS, type LogLevel } from './shared/observability/logger';
import { contradictions, isLoopback } from './shared/config/contradictions';
import { secretNames } from './shared/config/fields';
import { fillFromFiles } from './shared/config/secret-files';

/** Every variable that the service reads, each defined by the part that uses it. */
export const variables = z.object({
  NODE_ENV: z.string().optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  ...databaseVariables,
  ...httpVariables,
  ...usersVariables,
  ...billingVariables,
  ...providersVariables,
  ...callsVariables,
  ...localVariables,
});
type Variables = z.infer<typeof variables>;

/** Those that may come as the path of a file in NAME_FILE, and that no log shows. */
export const SECRET_VARIABLES = secretNames(variables.shape);

export interface Settings {
  readonly isLocalMode: boolean;
  readonly logLevel: LogLevel;
  readonly database: DatabaseSettings;
  readonly http: HttpSettings;
  readonly tokens: TokenSettings;
  readonly billing: BillingModuleSettings;
  readonly providers: ProvidersSettings;
  readonly dispatch: DispatchSettings;
}

/** Every problem of the environment at once, one line each, named by variable. */
export class InvalidSettings extends Error {
  constructor(readonly problems: readonly string[]) {
    super(
      `The configuration has ${String(problems.length)} problem(s):\n${problems.map((line) => `  ${line}`).join('\n')}`,
    );
  }
}

/** Whether nothing is configured but a machine to try the service on. */
export function isLocalMode(environment: NodeJS.ProcessEnv): boolean {
  const hasDatabase = environment['DATABASE_URL'] || environment['DATABASE_URL_FILE'];
  return !hasDatabase && environment['NODE_ENV'] !== 'production';
}

/** An empty variable counts as unset: files and containers cannot always leave one out. */
export function withoutEmpty(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
}

/** The environment with every secret that comes in a file. What cannot be read stays, for `readSettings` to tell. */
export function withSecretFiles(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return fillFromFiles(withoutEmpty(environment), SECRET_VARIABLES).environment;
}

/**
 * Reads the whole environment in one pass, with the files that it names. Empty variables count as unset.
 * @param isLocal in local mode the caller has already filled in what is generated, so the environment no longer tells
 * @throws InvalidSettings with every problem
 */
export function readSettings(environment: NodeJS.ProcessEnv, isLocal = isLocalMode(environment)): Settings {
  const { environment: given, problems: ofFiles } = fillFromFiles(withoutEmpty(environment), SECRET_VARIABLES);
  const parsed = variables.safeParse(given);
  const malformed = (parsed.error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  const isToldAlready = (problem: string): boolean =>
    SECRET_VARIABLES.some((name) => given[`${name}_FILE`] && namesOf(problem).includes(name));
  const others = [...malformed, ...contradictions(given, isLocal, SECRET_VARIABLES)];
  const problems = [...ofFiles, ...others.filter((problem) => !isToldAlready(problem))];
  if (!parsed.success || problems.length > 0) throw new InvalidSettings(problems);
  return toSettings(parsed.data, isLocal);
}

/** A problem begins with the variables that it is about. */
function namesOf(problem: string): readonly string[] {
  return (problem.split(':', 1)[0] ?? '').split(', ');
}

const MS_PER_HOUR = 3_600_000;
const MS_PER_DAY = 86_400_000;

function toSettings(values: Variables, isLocal: boolean): Settings {
  const url = values.DATABASE_URL ?? '';
  const host = values.HOST.includes(':') ? `[${values.HOST}]` : values.HOST;
  const publicUrl = values.PUBLIC_URL ?? `http://${host}:${String(values.PORT)}`;
  return {
    isLocalMode: isLocal,
    logLevel: values.LOG_LEVEL,
    database: { url, directUrl: values.DATABASE_DIRECT_URL ?? url },
    http: httpSettings(values, publicUrl),
    tokens: values.SUPABASE_URL
      ? { kind: 'jwks', supabaseUrl: values.SUPABASE_URL }
      : { kind: 'secret', secret: values.SUPABASE_JWT_SECRET ?? '' },
    billing: billingSettings(values, publicUrl),
    providers: providersSettings(values, publicUrl),
    dispatch: dispatchSettings(values),
  };
}

function httpSettings(values: Variables, publicUrl: string): HttpSettings {
  return {
    host: values.HOST,
    port: values.PORT,
    publicUrl,
    rateLimits: rateLimits(values),
    idempotencyKeyRetentionMs: values.IDEMPOTENCY_KEY_RETENTION_HOURS * MS_PER_HOUR,
    shutdownDelayMs: values.SHUTDOWN_DELAY_MS,
  };
}

function rateLimits(values: Variables): HttpSettings['rateLimits'] {
  return {
    perMinute: values.RATE_LIMIT_PER_MINUTE,
    ofBuckets: { [BILLING_RATE_BUCKET]: values.BILLING_RATE_LIMIT_PER_MINUTE },
  };
}

function billingSettings(values: Variables, publicUrl: string): BillingModuleSettings {
  return {
    publicUrl,
    payments: paymentSide(values, isLoopback(values.HOST) && isLoopback(hostOf(publicUrl))),
    graceMs: values.PAST_DUE_GRACE_DAYS * MS_PER_DAY,
    reconcileIntervalMs: values.BILLING_RECONCILE_INTERVAL_MS,
    eventRetentionMs: values.STRIPE_EVENT_RETENTION_DAYS * MS_PER_DAY,
  };
}

/**
 * Nobody gets a plan on a page where nobody pays: never in production, and where others than this machine may reach it
 * only if that was chosen.
 */
function paymentSide(values: Variables, isAlone: boolean): PaymentSide {
  const { STRIPE_SECRET_KEY: secretKey, STRIPE_WEBHOOK_SECRET: webhookSecrets } = values;
  if (secretKey && webhookSecrets) {
    return { kind: 'stripe', stripe: { secretKey, webhookSecrets, apiBaseUrl: values.STRIPE_API_BASE_URL } };
  }
  if (values.NODE_ENV === 'production') return { kind: 'none', mayBeLocal: false };
  return (values.LOCAL_PAYMENTS ?? isAlone) ? { kind: 'local' } : { kind: 'none', mayBeLocal: true };
}

/** IPv6 addresses stand in brackets in a URL. */
function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}

function providersSettings(values: Variables, publicUrl: string): ProvidersSettings {
  const accounts = [
    { driver: 'vapi', apiKey: values.VAPI_API_KEY, baseUrl: values.VAPI_BASE_URL },
    { driver: 'retell', apiKey: values.RETELL_API_KEY, baseUrl: values.RETELL_BASE_URL },
  ];
  return {
    publicUrl,
    isProduction: values.NODE_ENV === 'production',
    credentialsKeys: values.CREDENTIALS_KEYS ?? [],
    initialProviders: accounts.flatMap(({ apiKey, ...rest }) => (apiKey ? [{ ...rest, apiKey }] : [])),
    cooldownMs: values.PROVIDER_COOLDOWN_MS,
    lineQuarantineMs: values.LINE_QUARANTINE_MS,
    breakerFailures: values.BREAKER_FAILURES,
    breakerOpenMs: values.BREAKER_OPEN_MS,
  };
}

function dispatchSettings(values: Variables): DispatchSettings {
  return {
    batchSize: values.DISPATCH_BATCH_SIZE,
    intervalMs: values.DISPATCH_INTERVAL_MS,
    placeTimeoutMs: values.PLACE_TIMEOUT_MS,
    reconcileIntervalMs: values.RECONCILE_INTERVAL_MS,
    pollSilentAfterMs: values.POLL_SILENT_AFTER_MS,
    unknownResolveAfterMs: values.UNKNOWN_RESOLVE_AFTER_MS,
    unknownPlacementPolicy: values.UNKNOWN_PLACEMENT_POLICY,
    defaultMaxCallSeconds: values.DEFAULT_MAX_CALL_SECONDS,
    breakerOpenMs: values.BREAKER_OPEN_MS,
    shutdownTimeoutMs: values.SHUTDOWN_TIMEOUT_MS,
    transcriptRetentionMs: retentionMs(values.TRANSCRIPT_RETENTION_DAYS),
    recordingRetentionMs: retentionMs(values.RECORDING_RETENTION_DAYS),
  };
}

/** 0 days: for good. */
function retentionMs(days: number): number | undefined {
  return days === 0 ? undefined : days * MS_PER_DAY;
}
