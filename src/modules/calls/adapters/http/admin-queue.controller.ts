import { Body, Controller, Get, HttpCode, HttpStatus, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AdminOnly } from '../../../../shared/http/caller';
import { PauseQueue } from '../../application/pause-queue';
import { ResumeQueue } from '../../application/resume-queue';
import { StopQueue } from '../../application/stop-queue';
import { type QueueView, ViewQueue } from '../../application/view-queue';
import { ChangedQueue, QueueAnswer, StopRequest, StoppedQueue } from './admin.schemas';

@ApiTags('Administration')
@AdminOnly()
@Controller('admin/queue')
export class AdminQueueController {
  constructor(
    private readonly viewQueue: ViewQueue,
    private readonly pauseQueue: PauseQueue,
    private readonly resumeQueue: ResumeQueue,
    private readonly stopQueue: StopQueue,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'The queue in numbers, why due calls wait, and how full each provider is',
    description:
      '`waiting` explains the 100,000 oldest due calls. A call that no provider can take just now counts once for each ' +
      'provider that could take it if it were not for the reason.',
  })
  @ApiOkResponse({ standardSchema: QueueAnswer })
  async view(): Promise<QueueAnswer> {
    return toAnswer(await this.viewQueue.execute());
  }

  @Post('pause')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Stops claiming; what is not sent yet is put back, calls under way finish' })
  @ApiOkResponse({ standardSchema: ChangedQueue })
  async pause(): Promise<ChangedQueue> {
    await this.pauseQueue.execute();
    return this.changed(true);
  }

  @Post('stop')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'The emergency stop: nothing is dialled any more, and live calls are hung up if asked for',
    description:
      'A second after the answer at the latest no request leaves any instance; what was claimed and not sent is back in ' +
      'the queue. With `hangUp` every call under way is ended and becomes `canceled`, one whose placement is not known ' +
      'yet as soon as it is. `resume` goes on.',
  })
  @ApiOkResponse({ standardSchema: StoppedQueue })
  async stop(@Body({ schema: StopRequest }) { hangUp = false }: StopRequest): Promise<StoppedQueue> {
    const hangingUp = await this.stopQueue.execute(hangUp);
    return { ...(await this.changed(true)), hangingUp };
  }

  @Post('resume')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Claims again',
    description:
      'After `npm run db:restored` 409 `queue.restore_not_compared`, until every vendor has told what it placed since the ' +
      'backup; the detail names the providers that lack.',
  })
  @ApiOkResponse({ standardSchema: ChangedQueue })
  async resume(): Promise<ChangedQueue> {
    await this.resumeQueue.execute();
    return this.changed(false);
  }

  /** A change that has committed is never answered with an error. */
  private async changed(paused: boolean): Promise<ChangedQueue> {
    const view = await this.viewQueue.afterChange();
    return view ? toAnswer(view) : { paused };
  }
}

function toAnswer(view: QueueView): QueueAnswer {
  return {
    paused: view.paused,
    queued: view.queued,
    due: view.due,
    oldestDueSeconds: view.oldestDueSeconds,
    inProgress: view.inProgress,
    unknownPlacements: view.unknownPlacements,
    waiting: view.waiting.map((one) => ({ ...one, until: one.until?.toISOString() ?? null })),
    providers: view.providers.map(toProvider),
  };
}

/** Named field by field: the fixed ones first, then what explains them. */
function toProvider(provider: QueueView['providers'][number]): QueueAnswer['providers'][number] {
  return {
    id: provider.id,
    name: provider.name,
    priority: provider.priority,
    concurrencyLimit: provider.concurrencyLimit,
    inUse: provider.inUse,
    health: provider.health,
    pausedUntil: provider.pausedUntil?.toISOString() ?? null,
    pausedByHand: provider.suspension !== null,
    effectiveLimit: provider.effectiveLimit,
  };
}
