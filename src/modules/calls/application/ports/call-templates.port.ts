import type { Page, PageRequest } from '../../../../shared/kernel/page';
import type { UserClaims } from '../../../../shared/kernel/unit-of-work.port';
import type { CallTemplate, TemplateContent, TemplateTerms } from '../../domain/template';

/** Undefined = any. */
export interface TemplateFilter {
  /** Part of the name or the description, in any case. */
  readonly search?: string | undefined;
  readonly category?: string | undefined;
  readonly tag?: string | undefined;
}

/** A template with the provider of each of its assistants. */
export interface StoredTemplate extends TemplateContent {
  readonly createdBy: string;
  /** Provider → assistant, for every one of `fallbackAssistantIds`. */
  readonly fallbacks: readonly { readonly providerId: string; readonly assistantId: string }[];
}

/** The templates. Joins the surrounding unit of work. */
export abstract class CallTemplates {
  /** A template that the user may see: an own or a public one. */
  abstract find(userId: string, templateId: string): Promise<CallTemplate | undefined>;

  /**
   * What a template that the user may see demands of a call. With the user's own rights, whatever those of the
   * surrounding unit of work are: these have to be the service's.
   */
  abstract termsOf(claims: UserClaims, templateId: string): Promise<TemplateTerms | undefined>;

  /** Own and public ones, newest first. */
  abstract list(userId: string, filter: TemplateFilter, page: PageRequest): Promise<Page<CallTemplate>>;

  /**
   * Answers the new template's id.
   * @throws TooManyTemplates
   */
  abstract add(template: StoredTemplate): Promise<string>;

  /** Replaces the content of a template that the user owns; false when there is none. */
  abstract replace(templateId: string, template: StoredTemplate): Promise<boolean>;

  /** Deletes a template that the user owns; false when there is none. Calls that wait for it fail at dispatch. */
  abstract remove(userId: string, templateId: string): Promise<boolean>;
}
