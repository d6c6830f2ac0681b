import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Param, Patch, Post, Query } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { z } from 'zod';
import { AdminOnly } from '../../../../shared/http/caller';
import { Idempotent } from '../../../../shared/http/idempotency.interceptor';
import { AddPhoneNumber } from '../../application/add-phone-number';
import { PhoneNumberInventory } from '../../application/ports/phone-number-inventory.port';
import { PhoneNumberNotFound } from '../../domain/providers.errors';
import {
  AddPhoneNumberBody,
  PatchPhoneNumber,
  PhoneNumbersQuery,
  PhoneNumbersView,
  PhoneNumberView,
} from './phone-numbers.schemas';
import { toPhoneNumberView } from './to-views';

const Id = z.uuid();
const TAKEN = 'The provider already has a number with this phoneId (`providers.phone_number_taken`).';

@AdminOnly()
@ApiTags('Administration: phone numbers')
@Controller('admin/phone-numbers')
export class PhoneNumbersController {
  constructor(
    private readonly inventory: PhoneNumberInventory,
    private readonly addPhoneNumber: AddPhoneNumber,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The phone numbers of all providers, newest first' })
  @ApiOkResponse({ standardSchema: PhoneNumbersView })
  async list(@Query({ schema: PhoneNumbersQuery }) query: PhoneNumbersQuery): Promise<PhoneNumbersView> {
    const { items, nextCursor } = await this.inventory.list(query);
    return { items: items.map(toPhoneNumberView), nextCursor };
  }

  @Post()
  @Idempotent()
  @ApiOperation({ summary: 'Adds a phone number by hand' })
  @ApiCreatedResponse({ standardSchema: PhoneNumberView })
  @ApiConflictResponse({ description: TAKEN })
  async create(@Body({ schema: AddPhoneNumberBody }) body: AddPhoneNumberBody): Promise<PhoneNumberView> {
    return toPhoneNumberView(await this.addPhoneNumber.execute(body));
  }

  @Get(':id')
  @ApiOperation({ summary: 'One phone number' })
  @ApiOkResponse({ standardSchema: PhoneNumberView })
  async read(@Param('id', { schema: Id }) id: string): Promise<PhoneNumberView> {
    const phoneNumber = await this.inventory.find(id);
    if (!phoneNumber) throw new PhoneNumberNotFound();
    return toPhoneNumberView(phoneNumber);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Changes a phone number; switching it on ends its quarantine' })
  @ApiOkResponse({ standardSchema: PhoneNumberView })
  @ApiConflictResponse({ description: TAKEN })
  async change(
    @Param('id', { schema: Id }) id: string,
    @Body({ schema: PatchPhoneNumber }) body: PatchPhoneNumber,
  ): Promise<PhoneNumberView> {
    const phoneNumber = await this.inventory.change(id, body);
    if (!phoneNumber) throw new PhoneNumberNotFound();
    return toPhoneNumberView(phoneNumber);
  }

  @Delete(':id')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiOperation({ summary: 'Deletes a phone number that no call was made from' })
  @ApiNoContentResponse()
  @ApiConflictResponse({ description: 'Calls refer to it: deactivate it instead (`providers.in_use`).' })
  async remove(@Param('id', { schema: Id }) id: string): Promise<void> {
    if (!(await this.inventory.remove(id))) throw new PhoneNumberNotFound();
  }
}
