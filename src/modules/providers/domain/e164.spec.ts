import { e164 } from './e164';

describe('e164', () => {
  it.each(['+12025550147', '+1 (202) 555-0147', '+1.202.555.0147'])('reads %s', (told) => {
    expect(e164(told)).toBe('+12025550147');
  });

  it.each([undefined, '', '2025550147', 'sip:+12025550147@example.com', '+0123456789', '+120255501471234567'])(
    'takes %p for no number',
    (told) => expect(e164(told)).toBeUndefined(),
  );
});
