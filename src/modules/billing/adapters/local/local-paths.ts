/** Below the service's public address. */
export const LOCAL_PAYMENTS_PATH = '/v1/payments/local';

export function checkoutPath(id: string): string {
  return `${LOCAL_PAYMENTS_PATH}/checkouts/${id}`;
}

export function portalPath(id: string): string {
  return `${LOCAL_PAYMENTS_PATH}/portals/${id}`;
}
