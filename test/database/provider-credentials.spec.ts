import { randomBytes } from 'node:crypto';
import { JoseCredentialsCipher } from '../../src/modules/providers/adapters/crypto/jose-credentials-cipher';
import { ChangeProvider } from '../../src/modules/providers/application/change-provider';
import { ConnectProvider } from '../../src/modules/providers/application/connect-provider';
import { CreateProvider, type ProviderToCreate } from '../../src/modules/providers/application/create-provider';
import { RenewCredentials } from '../../src/modules/providers/application/renew-credentials';
import { BaseUrlRule } from '../../src/modules/providers/domain/base-url-rule';
import { DrizzleUnitOfWork } from '../../src/shared/database/drizzle-unit-of-work';
import { type DrizzleProviderWorld, FAKE_DRIVER, makeDrizzleProviderWorld } from '../support/drizzle-provider-world';
import { keysOf, makeSecret, recordEnvironment } from '../support/run-record';

let world: DrizzleProviderWorld;
beforeAll(async () => {
  world = await makeDrizzleProviderWorld();
}, 30_000);
afterAll(() => world.close());

const NEW_RING = `new:${randomBytes(32).toString('base64')}`;
recordEnvironment({ CREDENTIALS_KEYS: NEW_RING });
const newCipher = new JoseCredentialsCipher({ keys: keysOf(NEW_RING) });
const KEY = makeSecret('a-key-of-somebody');
const OTHER = makeSecret('the-key-of-somebody-else');
const OLD = makeSecret('an-old-key');
const NEW = makeSecret('a-new-key');
const NEWER = makeSecret('a-newer-key');
const MINE = makeSecret('a-webhook-secret-of-my-own');
const rule = new BaseUrlRule(false);
let serial = 0;
const create = (credentials: ProviderToCreate['credentials'], changes: Partial<ProviderToCreate> = {}) =>
  new CreateProvider(world.accounts, world.cipher, world.vendors, rule).execute({
    ...{ name: `Provider ${String((serial += 1))}`, driver: FAKE_DRIVER, type: 'voice', baseUrl: null },
    ...{ concurrencyLimit: 10, priority: 1, isActive: true, credentials },
    ...changes,
  });
const changing = (cipher: JoseCredentialsCipher) =>
  new ChangeProvider(
    new DrizzleUnitOfWork(world.executor),
    world.accounts,
    rule,
    new RenewCredentials(cipher, world.vendors),
  );
const stored = async (id: string, cipher = world.cipher) => {
  const provider = await world.accounts.find(id);
  return cipher.decrypt(provider!, provider!.encryptedCredentials);
};

describe('the webhook secret', () => {
  it('is made up when omitted: 32 random bytes that nobody has twice', async () => {
    const [one, two] = [await create({ apiKey: KEY }), await create({ apiKey: KEY })];
    const secrets = [(await stored(one.id)).webhookSecret, (await stored(two.id)).webhookSecret];
    for (const secret of secrets) expect(Buffer.from(secret!, 'base64url')).toHaveLength(32);
    expect(secrets[0]).not.toBe(secrets[1]);
  });

  it('is the given one', async () => {
    const { id } = await create({ apiKey: KEY, webhookSecret: MINE });
    expect(await stored(id)).toEqual({ apiKey: KEY, webhookSecret: MINE });
  });

  it('stays when the key is replaced, and changes when a new one is given', async () => {
    const { id } = await create({ apiKey: OLD });
    const { webhookSecret } = await stored(id);
    await changing(world.cipher).execute(id, { credentials: { apiKey: NEW } });
    expect(await stored(id)).toEqual({ apiKey: NEW, webhookSecret });
    await changing(world.cipher).execute(id, { credentials: { apiKey: NEWER, webhookSecret: MINE } });
    expect(await stored(id)).toEqual({ apiKey: NEWER, webhookSecret: MINE });
  });

  it('is made up anew when the key that wrote the old one is lost', async () => {
    const { id } = await create({ apiKey: OLD });
    await changing(newCipher).execute(id, { credentials: { apiKey: NEW } });
    const { apiKey, webhookSecret } = await stored(id, newCipher);
    expect(apiKey).toBe(NEW);
    expect(webhookSecret).toHaveLength(43);
  });
});

describe('a connection', () => {
  it('lives for as long as the account stays the same, whatever happens to its health', async () => {
    const { id } = await create({ apiKey: KEY });
    await world.pool.connect(id);
    const before = world.connected.length;
    const result = { kind: 'unknown', cause: 'timeout' } as const;
    await world.run(() => world.pool.reportPlacement({ providerId: id, phoneNumberId: id, result }));
    await changing(world.cipher).execute(id, { priority: 9, concurrencyLimit: 1, name: 'Renamed' });
    await world.pool.connect(id);
    expect(world.connected).toHaveLength(before);
  });

  it('uses a new key or address at once', async () => {
    const { id } = await create({ apiKey: OLD });
    await world.pool.connect(id);
    await changing(world.cipher).execute(id, { credentials: { apiKey: NEW } });
    await world.pool.connect(id);
    expect(world.connected.at(-1)).toMatchObject({ credentials: { apiKey: NEW }, baseUrl: undefined });
    await changing(world.cipher).execute(id, { baseUrl: 'https://vendor.example/' });
    await world.pool.connect(id);
    expect(world.connected.at(-1)).toMatchObject({ baseUrl: 'https://vendor.example' });
  });

  it('fails for a provider whose key is lost, and for no other', async () => {
    const lost = await create({ apiKey: KEY });
    const owner = { id: 'c0ffee00-0000-4000-8000-000000000001', name: 'Readable' };
    const encryptedCredentials = await newCipher.encrypt(owner, { apiKey: KEY });
    const fixed = { driver: FAKE_DRIVER, type: 'voice', baseUrl: null, concurrencyLimit: 1, priority: 1 } as const;
    const readable = await world.accounts.add({ ...owner, ...fixed, encryptedCredentials, isActive: true });
    const connect = new ConnectProvider(world.accounts, newCipher, world.vendors);
    await expect(connect.execute(lost.id)).rejects.toMatchObject({ code: 'providers.credentials_unreadable' });
    await expect(connect.execute(lost.id)).rejects.toThrow(new RegExp(`${lost.id}.*"test"`));
    expect(await connect.execute(readable.id)).toBe(world.vendor);
  });

  it('fails for credentials that were copied from another row', async () => {
    const [victim, thief] = [await create({ apiKey: KEY }), await create({ apiKey: OTHER })];
    await world.accounts.change(thief.id, { encryptedCredentials: victim.encryptedCredentials });
    await expect(world.pool.connect(thief.id)).rejects.toThrow(/written for another provider/);
  });
});

it('refuses a base URL that production forbids', async () => {
  const production = new CreateProvider(world.accounts, world.cipher, world.vendors, new BaseUrlRule(true));
  const attempt = production.execute({
    ...{ name: 'Plain', driver: FAKE_DRIVER, type: 'voice', baseUrl: 'http://vendor.example' },
    ...{ concurrencyLimit: 10, priority: 1, isActive: true, credentials: { apiKey: KEY } },
  });
  await expect(attempt).rejects.toMatchObject({ code: 'request.invalid', violations: [{ path: 'baseUrl' }] });
});
