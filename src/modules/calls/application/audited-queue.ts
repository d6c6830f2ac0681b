import type { AuditedChange } from '../../../shared/kernel/audit-trail.port';

/** The queue as the audit trail names it: there is one. */
export const QUEUE: AuditedChange['subject'] = { kind: 'queue', id: null };
