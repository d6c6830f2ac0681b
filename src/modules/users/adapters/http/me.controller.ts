import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../../../../shared/http/caller';
import type { UserClaims } from '../../../../shared/kernel/unit-of-work.port';
import { ChangeProfile } from '../../application/change-profile';
import { ReadProfile } from '../../application/read-profile';
import type { Profile } from '../../domain/profile';
import { ChangeMe, MeView } from './users.schemas';

@ApiTags('Users')
@Controller('me')
export class MeController {
  constructor(
    private readonly readProfile: ReadProfile,
    private readonly changeProfile: ChangeProfile,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The profile of the user' })
  @ApiOkResponse({ standardSchema: MeView })
  read(@CurrentUser() user: UserClaims): Promise<Profile> {
    return this.readProfile.execute(user);
  }

  @Patch()
  @ApiOperation({ summary: 'Changes the profile; e-mail address and status are read-only' })
  @ApiOkResponse({ standardSchema: MeView })
  change(@CurrentUser() user: UserClaims, @Body({ schema: ChangeMe }) body: ChangeMe): Promise<Profile> {
    return this.changeProfile.execute(user, body);
  }
}
