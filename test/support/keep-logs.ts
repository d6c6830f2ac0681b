import { Logger } from '@nestjs/common';
import { RunLogger } from './run-logger';

/** What is logged outside of a whole service, too. */
Logger.overrideLogger(new RunLogger());
