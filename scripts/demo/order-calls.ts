import type { ApiClient } from './api-client';
import type { Batch, Plan, Template, Usage } from './api-types';
import { PEOPLE_COUNT, peopleApartFrom, type Person } from './people';
import { demoUserId, type World } from './world';

const TEMPLATE = 'Appointment reminder';
const MAX_DURATION_SECONDS = 120;
const MINUTES_PER_CALL = MAX_DURATION_SECONDS / 60;
/** Calls that should remain for whoever watched, to queue some of their own. */
const LEFT_TO_TRY = 5;
const MS_PER_DAY = 86_400_000;

/** The demo user of this run. */
export interface Customer {
  readonly userId: string;
  readonly isNew: boolean;
  readonly client: ApiClient;
  readonly plan: Plan;
}

/** What was queued. */
export interface Order {
  readonly templateId: string;
  readonly accepted: readonly (Person & { readonly id: string })[];
  readonly rejected: readonly (Person & { readonly detail: string })[];
}

/** The demo user, or another one when the free plan has not enough left for a whole show this month. */
export async function findCustomer(world: World): Promise<Customer> {
  const client = await world.clientOf(demoUserId);
  const plan = await subscribe(client);
  const usage = await client.get<Usage>('/v1/usage');
  if (isEnough(usage)) return { userId: demoUserId, isNew: false, client, plan };
  const userId = await world.service.signUp();
  const other = await world.clientOf(userId);
  return { userId, isNew: true, client: other, plan: await subscribe(other) };
}

function isEnough({ callsRemaining, minutesRemaining, callsReserved }: Usage): boolean {
  const calls = callsRemaining ?? Infinity;
  const minutes = minutesRemaining ?? Infinity;
  const wanted = PEOPLE_COUNT + LEFT_TO_TRY;
  return callsReserved === 0 && calls >= wanted && minutes >= wanted * MINUTES_PER_CALL;
}

/** The subscription that is there, else the free one. */
async function subscribe(client: ApiClient): Promise<Plan> {
  const existing = await client.find<{ plan: Plan }>('/v1/subscription');
  if (existing) return existing.plan;
  const plans = await client.get<{ items: readonly Plan[] }>('/v1/plans');
  const free = plans.items.find(({ slug }) => slug === 'free');
  if (!free) throw new Error('There is no free plan');
  return (await client.post<{ plan: Plan }>('/v1/subscription', { planId: free.id })).plan;
}

/** A template with typed variables, and one call for each person, all in one batch. */
export async function orderCalls(world: World, { client, userId }: Customer): Promise<Order> {
  const templateId = await findTemplate(world, client, userId);
  const people = peopleApartFrom(Object.keys((await world.standIn()).dialsByNumber));
  const calls = people.map(({ name, number }, index) => ({
    recipientNumber: number,
    customVariables: { customerName: name, appointmentDate: daysFromNow(index + 1) },
  }));
  const { accepted, rejected } = await client.post<Batch>('/v1/calls/batch', { templateId, calls });
  const personAt = (index: number): Person => people[index] ?? { name: '', number: '' };
  return {
    templateId,
    accepted: accepted.map(({ index, id }) => ({ ...personAt(index), id })),
    rejected: rejected.map(({ index, detail }) => ({ ...personAt(index), detail })),
  };
}

/** An earlier run's is used again. */
async function findTemplate({ assistants }: World, client: ApiClient, userId: string): Promise<string> {
  const assistantId = assistants.find(({ name }) => name === TEMPLATE)?.id;
  if (assistantId === undefined) throw new Error(`The stand-in has no assistant "${TEMPLATE}"`);
  const known = await client.all<Template>(`/v1/call-templates?q=${encodeURIComponent(TEMPLATE)}`);
  const own = known.find((template) => template.createdBy === userId && template.assistantId === assistantId);
  if (own) return own.id;
  const template = await client.post<Template>('/v1/call-templates', {
    name: TEMPLATE,
    description: 'Reminds of an appointment and asks for a confirmation.',
    category: 'reminders',
    assistantId,
    params: {
      customerName: { type: 'string', label: 'Name', required: true, maxLength: 80 },
      appointmentDate: { type: 'date', label: 'Date of the appointment', required: true },
    },
    maxDurationSeconds: MAX_DURATION_SECONDS,
  });
  return template.id;
}

export function daysFromNow(days: number): string {
  return new Date(Date.now() + days * MS_PER_DAY).toISOString().slice(0, 10);
}
