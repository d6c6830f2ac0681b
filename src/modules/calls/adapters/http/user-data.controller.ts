import { Controller, Delete, HttpCode, HttpStatus, Param } from '@nestjs/common';
import { ApiConflictResponse, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { AdminOnly } from '../../../../shared/http/caller';
import { EraseUser } from '../../application/erase-user';

const UserId = z.uuid();

@ApiTags('Administration')
@AdminOnly()
@Controller('admin/users/:userId/data')
export class UserDataController {
  constructor(private readonly eraseUser: EraseUser) {}

  @Delete()
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiOperation({
    summary: "Erases a user's data, and keeps the ledger",
    description:
      "Cancels the user's queued calls and hangs up live ones; then clears the profile, numbers, variables, transcripts, " +
      'links to recordings, private templates and kept answers, and has what is paid for ended. Lines of the ledger and ' +
      'its totals stay under the bare id. The account itself is deleted at Supabase, afterwards. Repeat it until it ' +
      'answers 204.',
  })
  @ApiNoContentResponse({ description: 'Erased' })
  @ApiConflictResponse({ description: '`calls.under_way`: live calls are being ended, nothing is erased yet.' })
  async erase(@Param('userId', { schema: UserId }) userId: string): Promise<void> {
    await this.eraseUser.execute(userId);
  }
}
