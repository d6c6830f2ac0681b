import { LibphonenumberPhoneNumbers } from './libphonenumber-phone-numbers';

describe('LibphonenumberPhoneNumbers', () => {
  const numbers = new LibphonenumberPhoneNumbers();

  it.each([
    ['+12025550123', 'US'],
    ['+442079460123', 'GB'],
    ['+4915112345678', 'DE'],
  ])('knows %s', (fullNumber, country) => {
    expect(numbers.parse(fullNumber)).toEqual({ fullNumber, country });
  });

  it('drops a trunk zero after the country code', () => {
    expect(numbers.parse('+4402079460123')?.fullNumber).toBe('+442079460123');
  });

  it.each(['', '12025550123', '+1 202 555 0123', '+1202555012', '+10000000000', '+12025550123;ext=5', '+0123456789'])(
    'refuses %p',
    (text) => {
      expect(numbers.parse(text)).toBeUndefined();
    },
  );
});
