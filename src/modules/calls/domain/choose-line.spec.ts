import fc from 'fast-check';
import { chooseLine, type Destination, type Line, mayCall } from './choose-line';

const line = (id: string, changes: Partial<Line> = {}): Line => ({
  id,
  externalId: `x-${id}`,
  fullNumber: '+12025550100',
  countryCode: '1',
  areaCode: null,
  destinations: null,
  ...changes,
});
const TO_WASHINGTON: Destination = { recipientNumber: '+12025550123', country: 'US' };
const chosen = (lines: readonly Line[], destination = TO_WASHINGTON) => chooseLine(lines, destination)?.id;

describe('chooseLine', () => {
  const german = line('german', { countryCode: '49', areaCode: '30' });
  const newYork = line('new-york', { areaCode: '212' });
  const washington = line('washington', { areaCode: '202' });

  it('prefers a number of the recipient’s area', () => {
    expect(chosen([german, newYork, washington])).toBe('washington');
  });

  it('prefers a number of the same country to one of another', () => {
    expect(chosen([german, newYork])).toBe('new-york');
  });

  it('takes one from elsewhere rather than none', () => {
    expect(chosen([german])).toBe('german');
    expect(chosen([])).toBeUndefined();
  });

  it('takes the one unused longest among equals', () => {
    const other = line('washington-too', { areaCode: '202' });
    expect(chosen([newYork, other, washington])).toBe('washington-too');
  });

  it('passes over numbers that may not call the country, however near they are', () => {
    const canadaOnly = line('canada-only', { areaCode: '202', destinations: ['CA'] });
    expect(chosen([canadaOnly, german])).toBe('german');
    expect(chosen([canadaOnly])).toBeUndefined();
    expect(chosen([canadaOnly], { recipientNumber: '+14165550123', country: 'CA' })).toBe('canada-only');
  });

  it('does not take an area of one country for the same digits of another', () => {
    const italian = line('italian', { countryCode: '39', areaCode: '02' });
    expect(chosen([italian, newYork])).toBe('new-york');
  });

  it('reads codes as people write them', () => {
    const written = line('written', { countryCode: '+1', areaCode: '(202)' });
    expect(chosen([newYork, written])).toBe('written');
  });

  it('finds nothing near for a number without a country code', () => {
    expect(chosen([line('bare', { countryCode: '', areaCode: '202' }), newYork])).toBe('new-york');
  });

  const countries = ['US', 'CA', 'DE', 'ZZ'];
  const anyLine = fc.record({
    id: fc.uuid(),
    externalId: fc.constant('x'),
    fullNumber: fc.constant('+12025550100'),
    countryCode: fc.constantFrom('1', '49', '', '+1'),
    areaCode: fc.constantFrom(null, '202', '30', '212', ''),
    destinations: fc.option(fc.subarray(countries), { nil: null }),
  });
  const anyDestination = fc.record({
    recipientNumber: fc.constantFrom('+12025550123', '+12125550123', '+14165550123', '+493012345678', '+8811234567'),
    country: fc.constantFrom(...countries),
  });
  const nearness = (destination: Destination, { countryCode, areaCode }: Line): number => {
    const country = countryCode.replace('+', '');
    if (country === '' || !destination.recipientNumber.startsWith(`+${country}`)) return 0;
    return areaCode && destination.recipientNumber.slice(country.length + 1).startsWith(areaCode) ? 2 : 1;
  };

  it('always takes an allowed number than which none is nearer, nor as near and unused longer', () => {
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 12 }), anyDestination, (lines, destination) => {
        const choice = chooseLine(lines, destination);
        const allowed = lines.filter((one) => mayCall(one, destination.country));
        const best = Math.max(...allowed.map((one) => nearness(destination, one)));
        expect(choice).toBe(allowed.find((one) => nearness(destination, one) === best));
      }),
    );
  });
});
