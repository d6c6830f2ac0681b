import { type DynamicModule, Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { DrizzleProfileActivation } from './adapters/drizzle/drizzle-profile-activation';
import { DrizzleProfiles } from './adapters/drizzle/drizzle-profiles';
import { DrizzleUserDirectory } from './adapters/drizzle/drizzle-user-directory';
import { AuthenticationGuard } from './adapters/http/authentication.guard';
import { DrizzleUserErasure } from './adapters/drizzle/drizzle-user-erasure';
import { MeController } from './adapters/http/me.controller';
import { SupabaseTokenVerifier } from './adapters/jose/supabase-token-verifier';
import { AdmitCaller } from './application/admit-caller';
import { ChangeProfile } from './application/change-profile';
import { IdentifyCaller } from './application/identify-caller';
import { Profiles } from './application/ports/profiles.port';
import { TokenVerifier } from './application/ports/token-verifier.port';
import { ReadProfile } from './application/read-profile';
import { ProfileActivation } from './public/profile-activation.port';
import { UserDirectory } from './public/user-directory.port';
import { UserErasure } from './public/user-erasure.port';
import type { TokenSettings } from './users.settings';

/** Global: billing and calls use its public ports without knowing how it is configured. */
@Global()
@Module({})
export class UsersModule {
  static register(settings: TokenSettings): DynamicModule {
    return {
      module: UsersModule,
      controllers: [MeController],
      providers: [
        IdentifyCaller,
        AdmitCaller,
        ReadProfile,
        ChangeProfile,
        { provide: APP_GUARD, useClass: AuthenticationGuard },
        { provide: TokenVerifier, useFactory: () => SupabaseTokenVerifier.from(settings) },
        { provide: Profiles, useClass: DrizzleProfiles },
        { provide: UserDirectory, useClass: DrizzleUserDirectory },
        { provide: ProfileActivation, useClass: DrizzleProfileActivation },
        { provide: UserErasure, useClass: DrizzleUserErasure },
      ],
      exports: [UserDirectory, ProfileActivation, UserErasure],
    };
  }
}
