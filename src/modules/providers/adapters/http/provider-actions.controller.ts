import { Controller, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { AdminOnly } from '../../../../shared/http/caller';
import { ImportAccount } from '../../application/import-account';
import { VerifyProvider } from '../../application/verify-provider';
import { AccountImportView, KeyCheckView } from './providers.schemas';

const Id = z.uuid();
const UNREADABLE = 'the stored credentials cannot be read (`providers.credentials_unreadable`)';

@AdminOnly()
@ApiTags('Administration: providers')
@Controller('admin/providers/:id')
export class ProviderActionsController {
  constructor(
    private readonly verifyProvider: VerifyProvider,
    private readonly importAccount: ImportAccount,
  ) {}

  @Post('verify')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: "Asks the vendor whether the provider's key works" })
  @ApiOkResponse({ standardSchema: KeyCheckView })
  @ApiServiceUnavailableResponse({ description: `Retry-After tells when to ask again; or ${UNREADABLE}.` })
  verify(@Param('id', { schema: Id }) id: string): Promise<KeyCheckView> {
    return this.verifyProvider.execute(id);
  }

  @Post('import')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: "Takes over phone numbers and assistants from the vendor's account",
    description: 'What is gone or unusable there is deactivated. What is inactive here stays inactive.',
  })
  @ApiOkResponse({ standardSchema: AccountImportView })
  @ApiServiceUnavailableResponse({
    description: `The vendor cannot be asked (\`providers.vendor_unavailable\`), or ${UNREADABLE}.`,
  })
  import(@Param('id', { schema: Id }) id: string): Promise<AccountImportView> {
    return this.importAccount.execute(id);
  }
}
