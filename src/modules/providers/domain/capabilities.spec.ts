import { destinationsOf, limitedTo, mayCall } from './capabilities';

describe('capabilities', () => {
  it('let a number call that has voice', () => {
    expect(mayCall(['sms', 'voice'])).toBe(true);
    expect(mayCall(['sms'])).toBe(false);
    expect(mayCall([])).toBe(false);
  });

  it('limit it to the countries that they name', () => {
    expect(destinationsOf(['voice', 'to:US', 'to:CA', 'sms'])).toEqual(['US', 'CA']);
  });

  it('limit it to none when they name none', () => {
    expect(destinationsOf(['voice', 'sms', 'tollfree'])).toBeNull();
  });

  it('take over the limits of a vendor, but for an administrator’s own', () => {
    expect(limitedTo(['voice'], ['US', 'CA'])).toEqual(['voice', 'to:US', 'to:CA']);
    expect(limitedTo(['voice', 'to:DE'], ['US'])).toEqual(['voice', 'to:DE']);
    expect(limitedTo(['voice', 'sms'])).toEqual(['voice', 'sms']);
  });
});
