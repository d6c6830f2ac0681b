import { httpUrl, text } from '../../shared/config/fields';

export const billingVariables = {
  STRIPE_SECRET_KEY: text.optional(),
  STRIPE_WEBHOOK_SECRET: text.optional(),
  STRIPE_API_BASE_URL: httpUrl.optional(),
};
