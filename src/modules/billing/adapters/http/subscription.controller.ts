import { Body, Controller, Get, HttpCode, HttpStatus, Post, Res, UseInterceptors } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiPaymentRequiredResponse,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentUser, RateBucket } from '../../../../shared/http/caller';
import { IdempotentApart } from '../../../../shared/http/apart-idempotency.interceptor';
import type { UserClaims } from '../../../../shared/kernel/unit-of-work.port';
import { CancelSubscription } from '../../application/cancel-subscription';
import { GetSubscription } from '../../application/get-subscription';
import { OpenBillingPortal } from '../../application/open-billing-portal';
import { Subscribe } from '../../application/subscribe';
import { BILLING_RATE_BUCKET } from '../../billing.settings';
import { ChoosePlan, OpenPortal, PortalView, SubscribedView, SubscriptionView } from './billing.schemas';
import { MissingPaymentObjectInterceptor } from './missing-payment-object.interceptor';
import { toSubscriptionView } from './to-billing-views';

const NONE = 'The user has no live subscription (`billing.no_subscription`).';
const GONE = 'The payment side does not know what the user has there (`billing.payment_object_missing`).';
const UNDER_WAY =
  'Another change of the subscription is under way (`billing.change_in_progress`): choose again in a moment.';
const BY_HAND = 'An operator has set the subscription up by hand (`billing.subscription_made_by_hand`).';

@ApiTags('Billing')
@Controller('subscription')
@UseInterceptors(MissingPaymentObjectInterceptor)
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
  @RateBucket(BILLING_RATE_BUCKET)
  @IdempotentApart()
  @ApiOperation({
    summary: 'Subscribes to a plan, or changes to it',
    description:
      'The free plan is active at once. A paid plan is bought on a payment page. With a paid plan already, a better one ' +
      'takes effect at once and the difference is charged, a lesser one when the period ends, and the free one after ' +
      'it. A better one ends a trial. Choosing the plan one has takes back a cancellation or a change that is to come.',
  })
  @ApiCreatedResponse({ description: 'The free plan, active now', standardSchema: SubscriptionView })
  @ApiOkResponse({ description: 'Where to pay, or the subscription as it is then', standardSchema: SubscribedView })
  @ApiPaymentRequiredResponse({
    description: 'The change waits for a payment, or something is owed (`billing.payment_required`).',
  })
  @ApiNotFoundResponse({ description: 'There is no such plan (`billing.plan_not_found`).' })
  @ApiConflictResponse({
    description: `Another plan was chosen at the same time (\`billing.checkout_superseded\`). ${UNDER_WAY} ${GONE} ${BY_HAND}`,
  })
  @ApiServiceUnavailableResponse({
    description:
      'The payment side cannot be reached, or there is none (`billing.payments_unavailable`). The price of the plan is ' +
      'just being changed (`billing.price_replaced`). Something that the service needs is away ' +
      '(`request.database_unavailable`). See `Retry-After`.',
  })
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
  @RateBucket(BILLING_RATE_BUCKET)
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Ends the subscription: a free one at once, a paid one when its period ends' })
  @ApiOkResponse({ standardSchema: SubscriptionView })
  @ApiNotFoundResponse({ description: NONE })
  @ApiConflictResponse({ description: `${UNDER_WAY} ${GONE} ${BY_HAND}` })
  async cancel(@CurrentUser() user: UserClaims): Promise<SubscriptionView> {
    return toSubscriptionView(await this.cancelSubscription.execute(user.sub));
  }

  @Post('portal')
  @RateBucket(BILLING_RATE_BUCKET)
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Opens the page where the user manages payment methods and invoices' })
  @ApiOkResponse({ standardSchema: PortalView })
  @ApiNotFoundResponse({ description: 'The user has never come to pay (`billing.no_subscription`).' })
  @ApiConflictResponse({ description: GONE })
  async openPortal(
    @CurrentUser() user: UserClaims,
    @Body({ schema: OpenPortal }) { returnUrl }: OpenPortal,
  ): Promise<PortalView> {
    return { url: await this.openBillingPortal.execute(user.sub, returnUrl) };
  }
}
