import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DatabaseNotifications } from '../../../../shared/database/database-notifications';
import { CONTROL_CHANNEL } from '../../../../shared/database/wake-channel';
import { DialPermission } from '../../application/dial-permission';

/** Lets go of what is known about the queue when it is paused, stopped or resumed anywhere. */
@Injectable()
export class ControlListener implements OnApplicationBootstrap {
  constructor(
    private readonly notifications: DatabaseNotifications,
    private readonly permission: DialPermission,
  ) {}

  onApplicationBootstrap(): void {
    this.notifications.subscribe(CONTROL_CHANNEL, () => {
      this.permission.forget();
    });
  }
}
