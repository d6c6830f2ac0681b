import { Injectable } from '@nestjs/common';
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { NumberingPlan } from '../../application/ports/numbering-plan.port';
import type { NumberParts } from '../../domain/phone-number';

/**
 * Takes numbers apart the way each country writes them: the first group of the international format is the area (or
 * mobile network) code. A number that its country writes in one group has none.
 */
@Injectable()
export class LibphonenumberNumberingPlan extends NumberingPlan {
  split(fullNumber: string): NumberParts {
    const parsed = parsePhoneNumberFromString(fullNumber);
    if (!parsed) return { countryCode: '', areaCode: null, phoneNumber: fullNumber.replace(/^\+/, '') };
    const countryCode = parsed.countryCallingCode;
    const groups = parsed.formatInternational().split(' ').slice(1);
    const [areaCode, ...rest] = groups.join(' ').split(/[ -]/);
    if (areaCode === undefined || rest.length === 0) {
      return { countryCode, areaCode: null, phoneNumber: parsed.nationalNumber };
    }
    return { countryCode, areaCode, phoneNumber: rest.join('') };
  }
}
