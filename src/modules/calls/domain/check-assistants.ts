/** A template's providers and assistants. */
export interface TemplateRouting {
  readonly providerId: string | null;
  readonly assistantId: string | null;
  readonly fallbackAssistantIds: readonly string[];
}

/** `path` is where in the template the fault lies. */
export interface RoutingFault {
  readonly kind: 'assistant-not-found' | 'provider-mismatch';
  readonly path: string;
  readonly message: string;
}

/**
 * Checks a template's assistants against the provider of each known one: all of them exist, no provider has two, and
 * where a provider is pinned all of them are its own (so a pinned template has no fallback elsewhere).
 */
export function checkAssistants(
  routing: TemplateRouting,
  providerOf: ReadonlyMap<string, string>,
): RoutingFault | undefined {
  const seen = new Set<string>();
  for (const { path, assistantId } of assistantsOf(routing)) {
    const providerId = providerOf.get(assistantId);
    if (providerId === undefined) return { kind: 'assistant-not-found', path, message: 'names no known assistant' };
    if (routing.providerId !== null && routing.providerId !== providerId)
      return { kind: 'provider-mismatch', path, message: 'belongs to another provider than the pinned one' };
    if (seen.has(providerId))
      return { kind: 'provider-mismatch', path, message: 'belongs to a provider that already has an assistant here' };
    seen.add(providerId);
  }
  return undefined;
}

function assistantsOf(routing: TemplateRouting): readonly { readonly path: string; readonly assistantId: string }[] {
  const first = routing.assistantId === null ? [] : [{ path: 'assistantId', assistantId: routing.assistantId }];
  const further = routing.fallbackAssistantIds.map((assistantId, index) => ({
    path: `fallbackAssistantIds.${String(index)}`,
    assistantId,
  }));
  return [...first, ...further];
}
