import type { CallReport, PlaceResult } from '../../providers/public/call-provider.port';

/** A vendor's answer to a placement. */
export interface PlacementAnswer {
  readonly kind: 'answer';
  readonly attemptId: string;
  readonly providerId: string;
  readonly phoneNumberId: string;
  readonly result: PlaceResult;
}

/** What a vendor tells of one of its calls. */
export interface ProviderReport {
  readonly kind: 'report';
  readonly providerId: string;
  readonly report: CallReport;
}

export type News = PlacementAnswer | ProviderReport;
