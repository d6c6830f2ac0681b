import { Injectable } from '@nestjs/common';
import type { Page, PageRequest } from '../../../shared/kernel/page';
import type { Call } from '../domain/call';
import { type CallFilter, CallRequests } from './ports/call-requests.port';

/** Every user's calls, newest first, for administrators. */
@Injectable()
export class ListAllCalls {
  constructor(private readonly requests: CallRequests) {}

  execute(filter: CallFilter, page: PageRequest): Promise<Page<Call>> {
    return this.requests.list(filter, page);
  }
}
