import { Injectable } from '@nestjs/common';
import { type Identity, toIdentity } from '../domain/identity';
import { Unauthenticated } from '../domain/users.errors';
import { TokenVerifier } from './ports/token-verifier.port';

const BEARER = /^Bearer +([\w.~+/=-]+) *$/i;

/** Tells whom a request's Authorization header speaks for. */
@Injectable()
export class IdentifyCaller {
  constructor(private readonly tokens: TokenVerifier) {}

  /** @throws Unauthenticated, TokenKeysUnavailable */
  async execute(authorization: string | undefined): Promise<Identity> {
    const token = BEARER.exec(authorization ?? '')?.[1];
    const claims = token === undefined ? undefined : await this.tokens.verify(token);
    const identity = claims && toIdentity(claims);
    if (!identity) throw new Unauthenticated();
    return identity;
  }
}
