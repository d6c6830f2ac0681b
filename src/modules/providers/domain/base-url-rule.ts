import { InvalidField } from './providers.errors';

const LOOPBACK = /^((.*\.)?localhost\.?|127(\.\d+){3}|0\.0\.0\.0|\[::1?\]|\[::ffff:7f.*\])$/;

/** Where an account's vendor may be: in production over https and not on the machine itself. */
export class BaseUrlRule {
  constructor(private readonly isProduction: boolean) {}

  /** The address without a trailing slash. @throws InvalidField */
  check(baseUrl: string): string {
    const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
    const problem = url ? this.problemWith(url) : 'must be an absolute URL';
    if (problem) throw new InvalidField('baseUrl', problem);
    return baseUrl.replace(/\/+$/, '');
  }

  private problemWith(url: URL): string | undefined {
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must be an http or https URL';
    if (url.username || url.password || url.search || url.hash) return 'must have no user, query or fragment';
    if (!this.isProduction) return undefined;
    if (url.protocol !== 'https:') return 'must be an https URL in production';
    return LOOPBACK.test(url.hostname) ? 'must not be a loopback address in production' : undefined;
  }
}
