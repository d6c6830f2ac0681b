/** How many rows an import touched. */
export interface ImportCounts {
  readonly created: number;
  readonly updated: number;
  readonly deactivated: number;
}

/** What an import compares: the vendor's id tells which is which. */
export interface Importable {
  readonly externalId: string;
  /** Everything that the vendor decides about the thing, as one comparable text. */
  readonly content: string;
}

export interface ImportPlan<Known, Offered> {
  readonly create: readonly Offered[];
  readonly update: readonly { readonly known: Known; readonly offered: Offered }[];
  readonly deactivate: readonly Known[];
}

/**
 * What to do so that our rows match the vendor's account. What is gone or unusable there is switched off, and what is
 * off is never switched on: an administrator may have meant it. What is new and unusable is left for a later import.
 */
export function planImport<
  Known extends Importable & { readonly isActive: boolean },
  Offered extends Importable & { readonly isUsable: boolean },
>(known: readonly Known[], offered: readonly Offered[]): ImportPlan<Known, Offered> {
  const knownById = new Map(known.map((one) => [one.externalId, one]));
  const offeredById = new Map(offered.map((one) => [one.externalId, one]));
  const all = [...offeredById.values()];
  return {
    create: all.filter((one) => one.isUsable && !knownById.has(one.externalId)),
    update: all.flatMap((one) => {
      const ours = knownById.get(one.externalId);
      return ours && ours.content !== one.content ? [{ known: ours, offered: one }] : [];
    }),
    deactivate: known.filter((one) => one.isActive && !offeredById.get(one.externalId)?.isUsable),
  };
}
