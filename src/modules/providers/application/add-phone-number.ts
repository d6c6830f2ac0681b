import { Injectable } from '@nestjs/common';
import type { NewPhoneNumber, NumberParts, PhoneNumber } from '../domain/phone-number';
import { NumberingPlan } from './ports/numbering-plan.port';
import { PhoneNumberInventory } from './ports/phone-number-inventory.port';

export type PhoneNumberToAdd = Omit<NewPhoneNumber, keyof NumberParts> & {
  readonly [Part in keyof NumberParts]?: NumberParts[Part] | undefined;
};

/** Adds a phone number by hand. Its parts are read from the full number where the administrator gives none. */
@Injectable()
export class AddPhoneNumber {
  constructor(
    private readonly inventory: PhoneNumberInventory,
    private readonly numberingPlan: NumberingPlan,
  ) {}

  /** @throws DomainError `providers.phone_number_taken`, `request.invalid` when the provider doesn't exist */
  execute(phoneNumber: PhoneNumberToAdd): Promise<PhoneNumber> {
    const parts = this.numberingPlan.split(phoneNumber.fullNumber);
    return this.inventory.add({
      ...phoneNumber,
      countryCode: phoneNumber.countryCode ?? parts.countryCode,
      areaCode: phoneNumber.areaCode === undefined ? parts.areaCode : phoneNumber.areaCode,
      phoneNumber: phoneNumber.phoneNumber ?? parts.phoneNumber,
    });
  }
}
