import { Body, Controller, Get, HttpCode, HttpStatus, Post, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentUser } from '../../../../shared/http/caller';
import { Idempotent } from '../../../../shared/http/idempotency.interceptor';
import type { UserClaims } from '../../../../shared/kernel/unit-of-work.port';
import { CancelSubscription } from '../../application/cancel-subscription';
import { GetSubscription } from '../../application/get-subscription';
import { OpenBillingPortal } from '../../application/open-billing-portal';
import { Subscribe } from '../../application/subscribe';
import { ChoosePlan, OpenPortal, PortalView, SubscriptionView } from './billing.schemas';
import { toSubscriptionView } from './to-billing-views';

const NONE = 'The user has no live subscription (`billing.no_subscription`).';

@ApiTags('Billing')
@Controller('subscription')
export class SubscriptionController {
  constructor(
    private readonly getSubscription: GetSubscription,
    private readonly subscribe: Subscribe,
    private readonly cancelSubscription: CancelSubscription,
    private readonly openBillingPortal: OpenBillingPortal,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The live subscription' })
  @ApiOkResponse({ standardSchema: SubscriptionView })
  @ApiNotFoundResponse({ description: NONE })
  async read(@CurrentUser() user: UserClaims): Promise<SubscriptionView> {
    return toSubscriptionView(await this.getSubscription.execute(user));
  }

  @Post()
  @Idempotent()
  @ApiOperation({ summary: 'Subscribes to a plan. The free one is active at once' })
  @ApiCreatedResponse({ description: 'The new subscription', standardSchema: SubscriptionView })
  @ApiOkResponse({ description: 'The plan is the one the user has already', standardSchema: SubscriptionView })
  @ApiNotFoundResponse({ description: 'There is no such plan (`billing.plan_not_found`).' })
  async choose(
    @CurrentUser() user: UserClaims,
    @Body({ schema: ChoosePlan }) { planId }: ChoosePlan,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SubscriptionView> {
    const { subscription, isNew } = await this.subscribe.execute(user.sub, planId);
    void reply.code(isNew ? HttpStatus.CREATED : HttpStatus.OK);
    return toSubscriptionView(subscription);
  }

  @Post('cancel')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Ends the subscription: a free one at once' })
  @ApiOkResponse({ standardSchema: SubscriptionView })
  @ApiNotFoundResponse({ description: NONE })
  async cancel(@CurrentUser() user: UserClaims): Promise<SubscriptionView> {
    return toSubscriptionView(await this.cancelSubscription.execute(user.sub));
  }

  @Post('portal')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Opens the page where the user manages payment methods and invoices' })
  @ApiOkResponse({ standardSchema: PortalView })
  async openPortal(
    @CurrentUser() user: UserClaims,
    @Body({ schema: OpenPortal }) { returnUrl }: OpenPortal,
  ): Promise<PortalView> {
    return { url: await this.openBillingPortal.execute(user.sub, returnUrl) };
  }
}
