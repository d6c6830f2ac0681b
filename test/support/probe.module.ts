import { Body, Controller, Get, HttpCode, Module, Param, Post, Query, Req, Res } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Database } from '../../src/shared/database/database';
import { AdminOnly, type Caller, CurrentCaller, CurrentUser, Public } from '../../src/shared/http/caller';
import { IdempotentApart } from '../../src/shared/http/apart-idempotency.interceptor';
import { Idempotent } from '../../src/shared/http/idempotency.interceptor';
import { DomainError, type ErrorKind } from '../../src/shared/kernel/domain-error';
import type { UserClaims } from '../../src/shared/kernel/unit-of-work.port';

const Note = z.strictObject({ text: z.string().min(1), tags: z.array(z.string()).optional() });
type Note = z.infer<typeof Note>;
const Id = z.uuid();
const List = z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(50) });

/** Holds a handler back until the test lets it go on. */
export class Gate {
  private open: () => void = () => undefined;
  private arrive: () => void = () => undefined;
  private passage: Promise<void> = Promise.resolve();
  arrival: Promise<void> = Promise.resolve();

  close(): void {
    this.passage = new Promise((resolve) => (this.open = resolve));
    this.arrival = new Promise((resolve) => (this.arrive = resolve));
  }

  release(): void {
    this.open();
  }

  async pass(): Promise<void> {
    this.arrive();
    await this.passage;
  }
}
export const gate = new Gate();

/** Routes with nothing behind them but the edge: what they answer is what the edge makes of it. */
@Controller('probe')
class ProbeController {
  @Get('user')
  user(@CurrentUser() user: UserClaims): UserClaims {
    return user;
  }

  @Get('admin')
  @AdminOnly()
  admin(@CurrentCaller() caller: Caller): Caller {
    return caller;
  }

  @Get('public')
  @Public()
  public(): { readonly fine: true } {
    return { fine: true };
  }

  @Get('list')
  @Public()
  list(@Query({ schema: List }) query: z.infer<typeof List>): unknown {
    return query;
  }

  @Get('things/:id')
  @Public()
  thing(@Param('id', { schema: Id }) id: string): unknown {
    return { id };
  }

  @Post('echo')
  @Public()
  @HttpCode(200)
  echo(@Body({ schema: Note }) note: Note): Note {
    return note;
  }

  @Post('refuse')
  @Public()
  refuse(@Body() { kind }: { readonly kind: ErrorKind }): never {
    throw new DomainError(`probe.${kind}`, kind, 'No.');
  }

  @Get('bug')
  @Public()
  bug(): never {
    throw new Error('the password is hunter2');
  }
}

/** Writes a profile's name, so that a test sees whether the effect has happened and how often. */
@Controller('probe/notes')
class NotesController {
  constructor(private readonly database: Database) {}

  @Post()
  @Idempotent()
  async create(
    @CurrentUser() user: UserClaims,
    @Body({ schema: Note }) note: Note,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    await this.append(user, note);
    await gate.pass();
    if (note.text === 'fail') throw new DomainError('probe.failed', 'conflict', 'No.');
    if (note.text === 'crash') throw new Error('crash');
    if (note.text === 'accepted') void reply.code(202);
    return { text: note.text, at: new Date() };
  }

  @Post('apart')
  @IdempotentApart()
  async createApart(@CurrentUser() user: UserClaims, @Body({ schema: Note }) note: Note) {
    await gate.pass();
    await this.append(user, note);
    if (note.text === 'crash') throw new Error('crash');
    return { text: note.text };
  }

  @Post(':id/again')
  @Idempotent()
  async again(@CurrentUser() user: UserClaims, @Param('id', { schema: Id }) id: string) {
    await this.append(user, { text: id });
    return { id };
  }

  private async append({ sub }: UserClaims, { text }: Note): Promise<void> {
    await this.database.current.execute(
      sql`update user_profiles set address = coalesce(address, '') || ${`${text};`} where id = ${sub}::uuid`,
    );
  }
}

@Controller('webhooks/probe')
class WebhookController {
  @Post()
  @Public()
  @HttpCode(200)
  receive(@Body() body: { readonly text?: string }): unknown {
    return { length: body.text?.length };
  }

  @Post('echo')
  @Public()
  @HttpCode(200)
  echo(@Body() body: unknown, @Req() { rawBody }: { readonly rawBody: Buffer }): unknown {
    return { body, rawBody: rawBody.toString('utf8') };
  }
}

@Module({ controllers: [ProbeController, NotesController, WebhookController] })
export class ProbeModule {}
