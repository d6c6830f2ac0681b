import { Injectable } from '@nestjs/common';
import { and, arrayContains, eq, ilike, or, type SQL, sql } from 'drizzle-orm';
import { unionAll } from 'drizzle-orm/pg-core';
import { Database } from '../../../../shared/database/database';
import { behindCursor, newestFirst, position, toPage } from '../../../../shared/database/keyset';
import { userJson } from '../../../../shared/database/user-json';
import { violates } from '../../../../shared/database/violates';
import type { Page, PageRequest } from '../../../../shared/kernel/page';
import { CallTemplates, type StoredTemplate, type TemplateFilter } from '../../application/ports/call-templates.port';
import { AuthorWithoutProfile, TooManyTemplates } from '../../domain/calls.errors';
import type { UserClaims } from '../../../../shared/kernel/unit-of-work.port';
import type { CallTemplate, TemplateTerms } from '../../domain/template';
import { callTemplateAssistants, callTemplates } from './call-templates.table';

/** Named by the trigger `limit_templates`. */
const TEMPLATES_LIMIT = 'call_templates_per_user_limit';
/** Named by the policy's question `has_profile`. */
const AUTHOR_PROFILE = 'call_templates_author_profile';

const templateColumns = {
  id: callTemplates.id,
  name: callTemplates.name,
  description: callTemplates.description,
  category: callTemplates.category,
  tags: callTemplates.tags,
  isPublic: callTemplates.isPublic,
  createdBy: callTemplates.createdBy,
  providerId: callTemplates.providerId,
  assistantId: callTemplates.assistantId,
  fallbackAssistantIds: sql<string[]>`array(
    select further.assistant_id from call_template_assistants further
    where further.template_id = ${callTemplates.id} order by further.created_at, further.provider_id
  )::text[]`,
  params: callTemplates.params,
  paramsOrder: callTemplates.paramsOrder,
  maxDurationSeconds: callTemplates.maxDurationSeconds,
};

@Injectable()
export class DrizzleCallTemplates extends CallTemplates {
  constructor(private readonly database: Database) {
    super();
  }

  async find(userId: string, templateId: string): Promise<CallTemplate | undefined> {
    const rows = await this.database.current
      .select(templateColumns)
      .from(callTemplates)
      .where(and(eq(callTemplates.id, templateId), isVisibleTo(userId)));
    return rows[0];
  }

  async termsOf(claims: UserClaims, templateId: string): Promise<TemplateTerms | undefined> {
    const terms = await this.database.value<TemplateTerms | null>(
      sql`ringonce.see_template_terms(${userJson(claims)}, ${templateId})`,
    );
    return terms ?? undefined;
  }

  /** Two walks, each along an index of its own: what others keep for themselves is never passed over. */
  async list(userId: string, filter: TemplateFilter, page: PageRequest): Promise<Page<CallTemplate>> {
    const newest = (whose: SQL | undefined) =>
      this.database.current
        .select({ ...templateColumns, position: position(callTemplates), createdAt: callTemplates.createdAt })
        .from(callTemplates)
        .where(and(whose, ...conditions(filter), behindCursor(callTemplates, page)))
        .orderBy(...newestFirst(callTemplates))
        .limit(page.limit + 1);
    const own = newest(eq(callTemplates.createdBy, userId));
    const published = newest(and(callTemplates.isPublic, sql`${callTemplates.createdBy} is distinct from ${userId}`));
    const rows = await unionAll(own, published)
      .orderBy(sql`created_at desc, id desc`)
      .limit(page.limit + 1);
    return toPage(rows, page, ({ position: _, createdAt: __, ...template }) => template);
  }

  async add(template: StoredTemplate): Promise<string> {
    const id = await this.insert(template);
    await this.addFallbacks(id, template);
    return id;
  }

  async replace(templateId: string, template: StoredTemplate): Promise<boolean> {
    const rows = await this.database.current
      .update(callTemplates)
      .set(toRow(template))
      .where(and(eq(callTemplates.id, templateId), eq(callTemplates.createdBy, template.createdBy)))
      .returning({ id: callTemplates.id });
    if (rows.length === 0) return false;
    await this.database.current
      .delete(callTemplateAssistants)
      .where(eq(callTemplateAssistants.templateId, templateId));
    await this.addFallbacks(templateId, template);
    return true;
  }

  async remove(userId: string, templateId: string): Promise<boolean> {
    const rows = await this.database.current
      .delete(callTemplates)
      .where(and(eq(callTemplates.id, templateId), eq(callTemplates.createdBy, userId)))
      .returning({ id: callTemplates.id });
    return rows.length > 0;
  }

  private async insert(template: StoredTemplate): Promise<string> {
    try {
      const rows = await this.database.current
        .insert(callTemplates)
        .values({ ...toRow(template), createdBy: template.createdBy })
        .returning({ id: callTemplates.id });
      return rows[0]?.id ?? '';
    } catch (error) {
      if (violates(error, TEMPLATES_LIMIT)) throw new TooManyTemplates();
      if (violates(error, AUTHOR_PROFILE)) throw new AuthorWithoutProfile();
      throw error;
    }
  }

  private async addFallbacks(templateId: string, { fallbacks }: StoredTemplate): Promise<void> {
    if (fallbacks.length === 0) return;
    await this.database.current
      .insert(callTemplateAssistants)
      .values(fallbacks.map((fallback) => ({ templateId, ...fallback })));
  }
}

function isVisibleTo(userId: string): SQL | undefined {
  return or(eq(callTemplates.isPublic, true), eq(callTemplates.createdBy, userId));
}

function conditions({ search, category, tag }: TemplateFilter): (SQL | undefined)[] {
  const pattern = search === undefined ? undefined : `%${search.replace(/[\\%_]/g, String.raw`\$&`)}%`;
  return [
    pattern === undefined ? undefined : or(ilike(callTemplates.name, pattern), ilike(callTemplates.description, pattern)),
    category === undefined ? undefined : eq(callTemplates.category, category),
    tag === undefined ? undefined : arrayContains(callTemplates.tags, [tag]),
  ];
}

/** Only the columns that owners may change. */
function toRow(template: StoredTemplate) {
  return {
    name: template.name,
    description: template.description,
    category: template.category,
    tags: [...template.tags],
    isPublic: template.isPublic,
    providerId: template.providerId,
    assistantId: template.assistantId,
    params: template.params,
    paramsOrder: [...template.paramsOrder],
    maxDurationSeconds: template.maxDurationSeconds,
  };
}
