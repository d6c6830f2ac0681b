import type { Story } from '../../../shared/observability/story';
import type { CallReport, PlaceResult } from '../../providers/public/call-provider.port';

interface Told {
  /** What it came in: it is recorded together with others, and its own story goes on. */
  readonly story?: Story | undefined;
}

/** A vendor's answer to a placement. */
export interface PlacementAnswer extends Told {
  readonly kind: 'answer';
  readonly attemptId: string;
  readonly providerId: string;
  readonly phoneNumberId: string;
  readonly result: PlaceResult;
}

/** What a vendor tells of one of its calls. */
export interface ProviderReport extends Told {
  readonly kind: 'report';
  readonly providerId: string;
  readonly report: CallReport;
}

export type News = PlacementAnswer | ProviderReport;
