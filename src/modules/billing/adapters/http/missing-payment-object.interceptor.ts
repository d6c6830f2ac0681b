import { type CallHandler, type ExecutionContext, Injectable, Logger, type NestInterceptor } from '@nestjs/common';
import { catchError, type Observable, throwError } from 'rxjs';
import type { AuthenticatedRequest } from '../../../../shared/http/caller';
import { PaymentObjectMissing } from '../../domain/billing.errors';

/** Tells who runs the service what a user can do nothing about: what we have recorded is not at the payment side. */
@Injectable()
export class MissingPaymentObjectInterceptor implements NestInterceptor {
  private readonly logger = new Logger('Billing');

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { caller } = context.switchToHttp().getRequest<AuthenticatedRequest>();
    return next.handle().pipe(
      catchError((error: unknown) => {
        if (error instanceof PaymentObjectMissing) this.tell(caller?.user?.sub ?? 'nobody');
        return throwError(() => error);
      }),
    );
  }

  private tell(userId: string): void {
    this.logger.error(
      `The payment side does not know what is recorded of user ${userId} (billing.payment_object_missing): look whether ` +
        'the service uses the right account and mode. After a change of the account, `npm run stripe:retire-missing` ' +
        'shows every customer that the new one lacks, and ends what they had.',
    );
  }
}
