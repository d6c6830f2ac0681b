import { LibphonenumberNumberingPlan } from './libphonenumber-numbering-plan';

describe('LibphonenumberNumberingPlan', () => {
  const plan = new LibphonenumberNumberingPlan();

  it.each([
    ['+12025550123', { countryCode: '1', areaCode: '202', phoneNumber: '5550123' }],
    ['+493012345678', { countryCode: '49', areaCode: '30', phoneNumber: '12345678' }],
    ['+442079460018', { countryCode: '44', areaCode: '20', phoneNumber: '79460018' }],
    ['+6531234567', { countryCode: '65', areaCode: '3123', phoneNumber: '4567' }],
    ['+999', { countryCode: '', areaCode: null, phoneNumber: '999' }],
  ])('splits %s', (fullNumber, parts) => {
    expect(plan.split(fullNumber)).toEqual(parts);
  });

  it('loses no digit', () => {
    for (const fullNumber of ['+15005550006', '+33123456789', '+5511912345678', '+390612345678']) {
      const { countryCode, areaCode, phoneNumber } = plan.split(fullNumber);
      expect(`+${countryCode}${areaCode ?? ''}${phoneNumber}`).toBe(fullNumber);
    }
  });
});
