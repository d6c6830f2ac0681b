import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../../../../shared/http/caller';
import { ListPlans } from '../../application/list-plans';
import { PlansView } from './billing.schemas';
import { toPlanView } from './to-billing-views';

@ApiTags('Billing')
@Controller('plans')
@Public()
export class PlansController {
  constructor(private readonly listPlans: ListPlans) {}

  @Get()
  @ApiOperation({ summary: 'The plans on offer' })
  @ApiOkResponse({ standardSchema: PlansView })
  async list(): Promise<PlansView> {
    return { items: (await this.listPlans.execute()).map(toPlanView) };
  }
}
