import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Param, Put } from '@nestjs/common';
import { ApiNoContentResponse, ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { AdminOnly } from '../../../../shared/http/caller';
import { GetUserLimits } from '../../application/get-user-limits';
import { RemoveUserLimits } from '../../application/remove-user-limits';
import { SetUserLimits } from '../../application/set-user-limits';
import { UserLimitsBody, UserLimitsView } from './user-limits.schemas';

const UserId = z.uuid();
const NONE = 'There is no such user (`users.not_found`), or nothing was agreed with this one (`billing.no_limits`).';

@AdminOnly()
@ApiTags('Administration: billing')
@Controller('admin/users/:userId/limits')
export class UserLimitsController {
  constructor(
    private readonly getUserLimits: GetUserLimits,
    private readonly setUserLimits: SetUserLimits,
    private readonly removeUserLimits: RemoveUserLimits,
  ) {}

  @Get()
  @ApiOperation({ summary: "What was agreed with a user in place of the enterprise plan's limits" })
  @ApiOkResponse({ standardSchema: UserLimitsView })
  @ApiNotFoundResponse({ description: NONE })
  async read(@Param('userId', { schema: UserId }) userId: string): Promise<UserLimitsView> {
    const { calls, minutes } = await this.getUserLimits.execute(userId);
    return { callLimit: calls, minutesLimit: minutes };
  }

  @Put()
  @ApiOperation({
    summary: "Agrees on a user's own limits",
    description:
      'They hold while the plan that grants is enterprise, and count at once, also in the month that runs. ' +
      'On any other plan they are kept for later.',
  })
  @ApiOkResponse({ standardSchema: UserLimitsView })
  @ApiNotFoundResponse({ description: 'There is no such user (`users.not_found`).' })
  async set(
    @Param('userId', { schema: UserId }) userId: string,
    @Body({ schema: UserLimitsBody }) { callLimit, minutesLimit }: UserLimitsBody,
  ): Promise<UserLimitsView> {
    await this.setUserLimits.execute(userId, { calls: callLimit, minutes: minutesLimit });
    return { callLimit, minutesLimit };
  }

  @Delete()
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiOperation({ summary: "Takes a user's own limits back: the plan's hold again" })
  @ApiNoContentResponse({ description: 'Taken back' })
  @ApiNotFoundResponse({ description: NONE })
  async remove(@Param('userId', { schema: UserId }) userId: string): Promise<void> {
    await this.removeUserLimits.execute(userId);
  }
}
