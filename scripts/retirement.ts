import { DrizzleProfileActivation } from '../src/modules/users/adapters/drizzle/drizzle-profile-activation';
import { DrizzleAllowances } from '../src/modules/billing/adapters/drizzle/drizzle-allowances';
import { DrizzleCheckouts } from '../src/modules/billing/adapters/drizzle/drizzle-checkouts';
import { DrizzleCustomers } from '../src/modules/billing/adapters/drizzle/drizzle-customers';
import { DrizzlePaidSubscriptions } from '../src/modules/billing/adapters/drizzle/drizzle-paid-subscriptions';
import { DrizzlePlans } from '../src/modules/billing/adapters/drizzle/drizzle-plans';
import { DrizzleSubscriptions } from '../src/modules/billing/adapters/drizzle/drizzle-subscriptions';
import { ActivateProfile } from '../src/modules/billing/application/activate-profile';
import { CarryOutDecision } from '../src/modules/billing/application/carry-out-decision';
import { ChangeSubscriptions } from '../src/modules/billing/application/change-subscriptions';
import type { PaymentGateway } from '../src/modules/billing/application/ports/payment-gateway.port';
import { RetireCustomer } from '../src/modules/billing/application/retire-customer';
import { RetireLocalPayments } from '../src/modules/billing/application/retire-local-payments';
import { RetireMissingCustomers } from '../src/modules/billing/application/retire-missing-customers';
import { RetireSubscriptions } from '../src/modules/billing/application/retire-subscriptions';
import { StartFreePlan } from '../src/modules/billing/application/start-free-plan';
import { SubscriptionChanged } from '../src/modules/billing/public/subscription-changed.event';
import type { Database } from '../src/shared/database/database';
import { DrizzleUnitOfWork } from '../src/shared/database/drizzle-unit-of-work';
import { InProcessDomainEvents } from '../src/shared/events/in-process-domain-events';

/** What takes leave of customers, wired as in the service: whoever loses a plan here loses it as there. */
export class Retirement {
  private readonly unitOfWork: DrizzleUnitOfWork;
  private readonly customers: DrizzleCustomers;
  private readonly subscriptions: DrizzleSubscriptions;
  private readonly paidSubscriptions: DrizzlePaidSubscriptions;
  private readonly plans: DrizzlePlans;

  constructor(private readonly database: Database) {
    this.unitOfWork = new DrizzleUnitOfWork(database);
    this.customers = new DrizzleCustomers(database);
    this.subscriptions = new DrizzleSubscriptions(database);
    this.paidSubscriptions = new DrizzlePaidSubscriptions(database);
    this.plans = new DrizzlePlans(database);
  }

  localPayments(): RetireLocalPayments {
    return new RetireLocalPayments(this.customers, this.paidSubscriptions, this.plans, this.retireCustomer());
  }

  missingCustomers(payments: PaymentGateway): RetireMissingCustomers {
    return new RetireMissingCustomers(this.customers, payments, this.retireCustomer());
  }

  private retireCustomer(): RetireCustomer {
    const retireSubscriptions = new RetireSubscriptions(this.paidSubscriptions, this.carryOutDecision());
    return new RetireCustomer(this.unitOfWork, this.subscriptions, this.customers, retireSubscriptions);
  }

  private carryOutDecision(): CarryOutDecision {
    return new CarryOutDecision(
      this.changeSubscriptions(),
      this.paidSubscriptions,
      new StartFreePlan(this.plans, this.subscriptions),
      new DrizzleCheckouts(this.database),
    );
  }

  private changeSubscriptions(): ChangeSubscriptions {
    const events = new InProcessDomainEvents();
    const activateProfile = new ActivateProfile(new DrizzleProfileActivation(this.database));
    events.subscribe(SubscriptionChanged, (changes) => activateProfile.execute(changes));
    return new ChangeSubscriptions(this.unitOfWork, this.subscriptions, new DrizzleAllowances(this.database), events);
  }
}
