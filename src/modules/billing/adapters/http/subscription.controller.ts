import { Body, Controller, Get, HttpCode, HttpStatus, Post, Res } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiPaymentRequiredResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentUser } from '../../../../shared/http/caller';
import { IdempotentApart } from '../../../../shared/http/apart-idempotency.interceptor';
import type { UserClaims } from '../../../../shared/kernel/unit-of-work.port';
import { CancelSubscription } from '../../application/cancel-subscription';
import { GetSubscription } from '../../application/get-subscription';
import { OpenBillingPortal } from '../../application/open-billing-portal';
import { Subscribe } from '../../application/subscribe';
import { ChoosePlan, OpenPortal, PortalView, SubscribedView, SubscriptionView } from './billing.schemas';
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
  @IdempotentApart()
  @ApiOperation({
    summary: 'Subscribes to a plan, or changes to it',
    description:
      'The free plan is active at once. A paid plan is bought on a payment page. With a paid plan already, a better one ' +
      'takes effect at once and the difference is charged, a lesser one when the period ends, and the free one after ' +
      'it. Choosing the plan one has takes back a cancellation or a change that is to come.',
  })
  @ApiCreatedResponse({ description: 'The free plan, active now', standardSchema: SubscriptionView })
  @ApiOkResponse({ description: 'Where to pay, or the subscription as it is then', standardSchema: SubscribedView })
  @ApiPaymentRequiredResponse({
    description: 'The change waits for a payment, or something is owed (`billing.payment_required`).',
  })
  @ApiNotFoundResponse({ description: 'There is no such plan (`billing.plan_not_found`).' })
  @ApiConflictResponse({ description: 'Another plan was chosen at the same time (`billing.checkout_superseded`).' })
  async choose(
    @CurrentUser() user: UserClaims,
    @Body({ schema: ChoosePlan }) choice: ChoosePlan,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SubscribedView> {
    const subscribed = await this.subscribe.execute({ ...choice, userId: user.sub });
    void reply.code(subscribed.kind === 'new' ? HttpStatus.CREATED : HttpStatus.OK);
    if (subscribed.kind === 'checkout') return { checkoutUrl: subscribed.url };
    return toSubscriptionView(subscribed.subscription);
  }

  @Post('cancel')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Ends the subscription: a free one at once, a paid one when its period ends' })
  @ApiOkResponse({ standardSchema: SubscriptionView })
  @ApiNotFoundResponse({ description: NONE })
  async cancel(@CurrentUser() user: UserClaims): Promise<SubscriptionView> {
    return toSubscriptionView(await this.cancelSubscription.execute(user.sub));
  }

  @Post('portal')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Opens the page where the user manages payment methods and invoices' })
  @ApiOkResponse({ standardSchema: PortalView })
  @ApiNotFoundResponse({ description: 'The user has never come to pay (`billing.no_subscription`).' })
  async openPortal(
    @CurrentUser() user: UserClaims,
    @Body({ schema: OpenPortal }) { returnUrl }: OpenPortal,
  ): Promise<PortalView> {
    return { url: await this.openBillingPortal.execute(user.sub, returnUrl) };
  }
}
