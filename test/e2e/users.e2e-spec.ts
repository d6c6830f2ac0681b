import { type Service, startService } from '../support/service';

let service: Service;
let userId: string;
let token: string;

beforeAll(async () => {
  service = await startService();
  userId = await service.database.createUser({ email: 'ada@example.test' });
  token = await service.token({ userId, email: 'ada@example.test' });
});
afterAll(() => service.stop());

describe('GET /v1/me', () => {
  it('shows the profile that signing up made', async () => {
    const answer = await service.request('GET', '/v1/me', { token });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      id: userId,
      firstName: null,
      lastName: null,
      phoneNumber: null,
      email: 'ada@example.test',
      address: null,
      preferences: {},
      status: 'inactive',
    });
  });

  it('is 404 for a user who is gone while the token still holds', async () => {
    const stranger = await service.token({ userId: '00000000-0000-4000-8000-000000000000' });
    expect(await service.request('GET', '/v1/me', { token: stranger })).toMatchObject({
      status: 404,
      body: { code: 'users.not_found' },
    });
  });
});

describe('PATCH /v1/me', () => {
  it('changes what is named and leaves the rest', async () => {
    await service.request('PATCH', '/v1/me', {
      token,
      body: { firstName: 'Ada', lastName: 'Byron', address: '1 Main St' },
    });
    const answer = await service.request('PATCH', '/v1/me', {
      token,
      body: { lastName: null, phoneNumber: '+12025550123', preferences: { language: 'en' } },
    });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        firstName: 'Ada',
        lastName: null,
        address: '1 Main St',
        phoneNumber: '+12025550123',
        preferences: { language: 'en' },
      },
    });
    expect((await service.request('GET', '/v1/me', { token })).body).toEqual(answer.body);
  });

  it('changes nothing when nothing is named', async () => {
    const before = await service.request('GET', '/v1/me', { token });
    expect(await service.request('PATCH', '/v1/me', { token, body: {} })).toMatchObject({
      status: 200,
      body: before.body,
    });
  });

  it.each([
    ['status, which is read-only', 'status', { status: 'active' }],
    ['email, which is read-only', 'email', { email: 'eve@example.test' }],
    ['another id', 'id', { id: '00000000-0000-4000-8000-000000000000' }],
    ['a number that is not E.164', 'phoneNumber', { phoneNumber: '202-555-0123' }],
    ['an empty name', 'firstName', { firstName: '' }],
    ['U+0000', 'firstName', { firstName: 'A\u0000' }],
    ['half a surrogate pair', 'preferences.note', { preferences: { note: '\ud800' } }],
    ['preferences without measure', 'preferences', { preferences: { much: 'x'.repeat(30_000) } }],
    ['preferences that are no object', 'preferences', { preferences: null }],
  ])('refuses %s', async (_, path, body) => {
    const answer = await service.request('PATCH', '/v1/me', { token, body });
    expect(answer).toMatchObject({ status: 400, body: { code: 'request.invalid', errors: [{ path }] } });
  });

  it('never touches another user', async () => {
    const other = await service.database.createUser();
    await service.request('PATCH', '/v1/me', { token, body: { firstName: 'Grace' } });
    const rows = await service.database.query('select first_name from user_profiles where id = $1', [other]);
    expect(rows).toEqual([{ first_name: null }]);
  });
});
