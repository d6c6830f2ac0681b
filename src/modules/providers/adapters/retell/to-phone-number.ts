import type { VendorPhoneNumber } from '../../public/call-provider.port';
import type { RetellPhoneNumber } from './retell.wire';

const COUNTRY = /^[A-Z]{2}$/;

/** A number of the account. Retell knows it by itself, and refuses calls from it to countries that its own list leaves out. */
export function toPhoneNumber(item: RetellPhoneNumber): VendorPhoneNumber {
  const { phone_number: number, allowed_outbound_country_list: countries = [] } = item;
  const destinations = countries.map((country) => country.trim().toUpperCase()).filter((word) => COUNTRY.test(word));
  const limits = destinations.length > 0 ? { destinations: [...new Set(destinations)] } : {};
  return { externalId: number, fullNumber: number, isUsable: true, ...limits };
}
