import { Injectable } from '@nestjs/common';
import {
  type LocalPaymentRecord,
  LocalPaymentRecords,
  type LocalRecordKind,
} from '../../application/ports/local-payment-records.port';
import {
  LOCAL_SHAPES,
  type LocalCheckout,
  type LocalCustomer,
  type LocalPortal,
  type LocalSubscription,
} from './local-records.schemas';

interface Shapes {
  readonly customer: LocalCustomer;
  readonly checkout: LocalCheckout;
  readonly portal: LocalPortal;
  readonly subscription: LocalSubscription;
}

/** The records of the local payment page in their shapes. */
@Injectable()
export class LocalRecords {
  constructor(private readonly records: LocalPaymentRecords) {}

  async find<Kind extends LocalRecordKind>(kind: Kind, id: string): Promise<Shapes[Kind] | undefined> {
    const record = await this.records.find(id);
    return record?.kind === kind ? read(kind, record) : undefined;
  }

  /** Oldest first; of every customer when none is named. */
  async list<Kind extends LocalRecordKind>(kind: Kind, customerId?: string): Promise<readonly Shapes[Kind][]> {
    return (await this.records.list(kind, customerId)).map((record) => read(kind, record));
  }

  /** Does nothing when the id is there already. */
  add<Kind extends LocalRecordKind>(kind: Kind, thing: Shapes[Kind]): Promise<void> {
    return this.records.add(write(kind, thing));
  }

  save<Kind extends LocalRecordKind>(kind: Kind, thing: Shapes[Kind]): Promise<void> {
    return this.records.save(write(kind, thing));
  }

  lock(customerId: string): Promise<void> {
    return this.records.lock(customerId);
  }

  now(): Promise<Date> {
    return this.records.now();
  }
}

function read<Kind extends LocalRecordKind>(kind: Kind, { id, customerId, data }: LocalPaymentRecord): Shapes[Kind] {
  return { id, customerId, ...LOCAL_SHAPES[kind].parse(data) } as Shapes[Kind];
}

function write<Kind extends LocalRecordKind>(kind: Kind, thing: Shapes[Kind]): LocalPaymentRecord {
  const { id, customerId, ...data } = thing;
  return { id, kind, customerId, data };
}
