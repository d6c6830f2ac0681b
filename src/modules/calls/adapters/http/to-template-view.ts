import type { CallTemplate } from '../../domain/template';
import type { TemplateParams } from '../../domain/template-params';

/** A template as the API shows it: its params in their order, the longest duration only where there is one. */
export type TemplateAnswer = Omit<CallTemplate, 'maxDurationSeconds'> & { readonly maxDurationSeconds?: number };

export function toTemplateView({ maxDurationSeconds, ...template }: CallTemplate): TemplateAnswer {
  return {
    ...template,
    params: inOrder(template.params, template.paramsOrder),
    ...(maxDurationSeconds !== null && { maxDurationSeconds }),
  };
}

/** The database keeps an object's keys in an order of its own. */
function inOrder(params: TemplateParams, order: readonly string[]): TemplateParams {
  const named = order.flatMap((name) => {
    const param = Object.hasOwn(params, name) ? params[name] : undefined;
    return param ? [[name, param] as const] : [];
  });
  return { ...Object.fromEntries(named), ...params };
}
