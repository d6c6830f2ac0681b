export const PARAM_TYPES = ['string', 'number', 'boolean', 'date'] as const;
export type ParamType = (typeof PARAM_TYPES)[number];
export type ParamValue = string | number | boolean;

/** One variable of a template. `maxLength` applies to strings; a date is ISO 8601. */
export interface TemplateParam {
  readonly type: ParamType;
  readonly label?: string | undefined;
  readonly required?: boolean | undefined;
  readonly default?: ParamValue | undefined;
  readonly maxLength?: number | undefined;
  readonly enum?: readonly ParamValue[] | undefined;
}

export type TemplateParams = Readonly<Record<string, TemplateParam>>;
