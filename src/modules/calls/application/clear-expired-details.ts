import { Injectable } from '@nestjs/common';
import { DispatchSettings } from './dispatch-settings';
import { ExpiredDetails } from './ports/expired-details.port';

/** Rows that one statement changes, so that none holds many locks for long. */
const BATCH = 500;

/** Clears what was said in calls, and where they were recorded, once it is older than this installation keeps it. */
@Injectable()
export class ClearExpiredDetails {
  private isOver = false;

  constructor(
    private readonly details: ExpiredDetails,
    private readonly settings: DispatchSettings,
  ) {}

  /** Rejects when the database cannot be reached: the next round goes on. */
  async execute(): Promise<void> {
    const { transcriptRetentionMs, recordingRetentionMs } = this.settings;
    if (transcriptRetentionMs !== undefined)
      await this.inBatches(() => this.details.clearTranscripts(transcriptRetentionMs, BATCH));
    if (recordingRetentionMs !== undefined)
      await this.inBatches(() => this.details.clearRecordings(recordingRetentionMs, BATCH));
  }

  /** Begins nothing new from now on. */
  stop(): void {
    this.isOver = true;
  }

  private async inBatches(clear: () => Promise<number>): Promise<void> {
    for (let cleared = BATCH; cleared === BATCH && !this.isOver;) cleared = await clear();
  }
}
