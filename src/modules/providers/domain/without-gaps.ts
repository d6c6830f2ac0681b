/** The same with members that may be undefined. */
export type Gaps<Value> = { readonly [Key in keyof Value]: Value[Key] | undefined };

/** Where absent means "not told", there are no undefined members. */
export function withoutGaps<Value extends object>(value: Gaps<Value>): Value {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Value;
}
