import type { Page, PageRequest } from '../../../../shared/kernel/page';
import type { Assistant, AssistantChanges, NewAssistant } from '../../domain/assistant';

/** The stored assistants of all providers. */
export abstract class AssistantInventory {
  abstract list(request: PageRequest): Promise<Page<Assistant>>;
  abstract find(id: string): Promise<Assistant | undefined>;

  /** Reads the assistant and keeps others from changing it until the surrounding unit of work ends. */
  abstract lock(id: string): Promise<Assistant | undefined>;

  /** Every assistant of the provider. */
  abstract ofProvider(providerId: string): Promise<readonly Assistant[]>;

  /** @throws DomainError `providers.assistant_taken`, `request.invalid` when the provider doesn't exist */
  abstract add(assistant: NewAssistant): Promise<Assistant>;

  /** Undefined when there is no such assistant. @throws DomainError `providers.assistant_taken` */
  abstract change(id: string, changes: AssistantChanges): Promise<Assistant | undefined>;

  /** Whether there was such an assistant. @throws DomainError `providers.in_use` */
  abstract remove(id: string): Promise<boolean>;
}
