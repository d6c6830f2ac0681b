import { CredentialsUnreadable } from '../../domain/providers.errors';
import { JoseCredentialsCipher } from './jose-credentials-cipher';

const key = (id: string, fill: number) => ({ id, bytes: new Uint8Array(32).fill(fill) });
const owner = { id: '7f1c9a52-5b0c-4c5e-9b1e-0f2f7f8f1a01', name: 'Main line' };
const credentials = { apiKey: 'key-1234', webhookSecret: 'hook-5678' };

describe('JoseCredentialsCipher', () => {
  const cipher = new JoseCredentialsCipher({ keys: [key('first', 1)] });

  it('reads what it wrote, and writes nothing legible', async () => {
    const encrypted = await cipher.encrypt(owner, credentials);
    expect(encrypted).not.toContain('key-1234');
    await expect(cipher.decrypt(owner, encrypted)).resolves.toEqual(credentials);
  });

  it('encrypts with the first key of the ring and still reads what older keys wrote', async () => {
    const rotated = new JoseCredentialsCipher({ keys: [key('second', 2), key('first', 1)] });
    const old = await cipher.encrypt(owner, credentials);
    await expect(rotated.decrypt(owner, old)).resolves.toEqual(credentials);
    expect(rotated.keyIdOf(old)).toBe('first');
    expect(rotated.keyIdOf(await rotated.encrypt(owner, credentials))).toBe('second');
  });

  it('never writes the same text twice', async () => {
    expect(await cipher.encrypt(owner, credentials)).not.toBe(await cipher.encrypt(owner, credentials));
  });

  it('names the provider and the key when the key is not configured', async () => {
    const other = new JoseCredentialsCipher({ keys: [key('other', 3)] });
    const attempt = other.decrypt(owner, await cipher.encrypt(owner, credentials));
    await expect(attempt).rejects.toThrow(CredentialsUnreadable);
    await expect(attempt).rejects.toThrow(/Main line \(7f1c9a52.*key "first".*not configured/);
  });

  it('refuses credentials that were written for another provider', async () => {
    const encrypted = await cipher.encrypt(owner, credentials);
    const another = { id: '7f1c9a52-5b0c-4c5e-9b1e-0f2f7f8f1a02', name: 'Spare' };
    await expect(cipher.decrypt(another, encrypted)).rejects.toThrow(/Spare.*written for another provider/);
  });

  it.each(['', 'nonsense', 'a.b.c.d.e'])('calls damaged text unreadable: %p', async (encrypted) => {
    await expect(cipher.decrypt(owner, encrypted)).rejects.toThrow(CredentialsUnreadable);
  });

  it('notices a changed header', async () => {
    const [header = '', ...rest] = (await cipher.encrypt(owner, credentials)).split('.');
    const another = { id: '7f1c9a52-5b0c-4c5e-9b1e-0f2f7f8f1a02', name: 'Spare' };
    const decoded = JSON.parse(Buffer.from(header, 'base64url').toString()) as object;
    const forged = Buffer.from(JSON.stringify({ ...decoded, provider: another.id })).toString('base64url');
    await expect(cipher.decrypt(another, [forged, ...rest].join('.'))).rejects.toThrow(/damaged/);
  });
});
