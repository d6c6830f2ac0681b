import { Injectable } from '@nestjs/common';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { type PhoneNumber, PhoneNumbers } from '../../application/ports/phone-numbers.port';

const E164 = /^\+[1-9][0-9]{6,14}$/;

/** Google's numbering plans with the full metadata: a number has to be assignable, not only of the right length. */
@Injectable()
export class LibphonenumberPhoneNumbers extends PhoneNumbers {
  parse(fullNumber: string): PhoneNumber | undefined {
    if (!E164.test(fullNumber)) return undefined;
    const parsed = parsePhoneNumberFromString(fullNumber);
    return parsed?.isValid() ? { fullNumber: parsed.number, country: parsed.country } : undefined;
  }
}
