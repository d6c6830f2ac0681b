import { Injectable } from '@nestjs/common';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { type PhoneNumber, PhoneNumbers } from '../../application/ports/phone-numbers.port';

const E164 = /^\+[1-9][0-9]{6,14}$/;
/** Numbers remembered at once: a megabyte or two. */
const MAX_NUMBERS = 10_000;

/** Google's numbering plans with the full metadata: a number has to be assignable, not only of the right length. */
@Injectable()
export class LibphonenumberPhoneNumbers extends PhoneNumbers {
  /** A number is read when its call is queued, and again when it is claimed; reading it costs some ten microseconds. */
  private readonly known = new Map<string, PhoneNumber | undefined>();

  parse(fullNumber: string): PhoneNumber | undefined {
    if (!E164.test(fullNumber)) return undefined;
    if (this.known.has(fullNumber)) return this.known.get(fullNumber);
    const number = read(fullNumber);
    if (this.known.size >= MAX_NUMBERS) this.known.clear();
    this.known.set(fullNumber, number);
    return number;
  }
}

function read(fullNumber: string): PhoneNumber | undefined {
  const parsed = parsePhoneNumberFromString(fullNumber);
  return parsed?.isValid() ? { fullNumber: parsed.number, country: parsed.country } : undefined;
}
