import { seededRandom } from '../../sandbox/kit/random';

/** The items in an order that the turn decides, so that no side always comes first or always after the same one. */
export function inChangingOrder<Item>(items: readonly Item[], turn: number): readonly Item[] {
  const random = seededRandom(turn);
  return items
    .map((item) => ({ item, lot: random() }))
    .sort((a, b) => a.lot - b.lot)
    .map(({ item }) => item);
}
