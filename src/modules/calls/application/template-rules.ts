import { Injectable } from '@nestjs/common';
import { ProviderPool } from '../../providers/public/provider-pool.port';
import { AssistantNotFound, InvalidTemplate, ProviderMismatch, ProviderUnavailable } from '../domain/calls.errors';
import { checkAssistants, type TemplateRouting } from '../domain/check-assistants';
import { problemsOfParams, type TemplateContent } from '../domain/template';
import type { StoredTemplate } from './ports/call-templates.port';

type Fallbacks = StoredTemplate['fallbacks'];

/** What is refused when a template is written. */
@Injectable()
export class TemplateRules {
  constructor(private readonly providers: ProviderPool) {}

  /** @throws InvalidTemplate */
  requireSoundParams({ params, paramsOrder }: TemplateContent): void {
    const problems = problemsOfParams(params, paramsOrder);
    if (problems.length > 0) throw new InvalidTemplate(problems);
  }

  /** @throws ProviderUnavailable */
  async requireActiveProvider(providerId: string | null): Promise<void> {
    if (providerId !== null && !(await this.providers.isActive(providerId))) throw new ProviderUnavailable();
  }

  /** Answers the further assistants with their providers. @throws AssistantNotFound, ProviderMismatch */
  async requireAssistants(routing: TemplateRouting): Promise<Fallbacks> {
    const { assistantId, fallbackAssistantIds } = routing;
    const ids = assistantId === null ? fallbackAssistantIds : [assistantId, ...fallbackAssistantIds];
    const providerOf = ids.length === 0 ? new Map<string, string>() : await this.providers.providersOfAssistants(ids);
    const fault = checkAssistants(routing, providerOf);
    if (fault?.kind === 'assistant-not-found') throw new AssistantNotFound(fault);
    if (fault) throw new ProviderMismatch("The template's assistants and providers do not fit together.", fault);
    return fallbackAssistantIds.flatMap((id) => {
      const providerId = providerOf.get(id);
      return providerId === undefined ? [] : [{ providerId, assistantId: id }];
    });
  }
}
