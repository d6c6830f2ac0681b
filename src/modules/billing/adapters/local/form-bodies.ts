import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { errorCodes, type FastifyInstance } from 'fastify';
import { LOCAL_PAYMENTS_PATH } from './local-paths';

const FORM = 'application/x-www-form-urlencoded';

/** What browsers send without a script: read for the pages of this folder, refused everywhere else as before. */
@Injectable()
export class FormBodies implements OnModuleInit {
  constructor(private readonly adapterHost: HttpAdapterHost) {}

  onModuleInit(): void {
    const fastify = this.adapterHost.httpAdapter.getInstance<FastifyInstance>();
    fastify.addContentTypeParser(FORM, { parseAs: 'string' }, (request, body, done) => {
      const isForPage = request.url.startsWith(`${LOCAL_PAYMENTS_PATH}/`);
      // Where there is no route, that is what is to be said, whatever was sent.
      if (isForPage || request.is404) done(null, Object.fromEntries(new URLSearchParams(String(body))));
      else done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(FORM));
    });
  }
}
