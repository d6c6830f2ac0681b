import { read } from '../support/operations-files';

/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  /** Of its first line, from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

/** A block that is run, with what the page shows below it. */
export interface Step extends Block {
  readonly shown: Block | undefined;
}

const FENCE = /^```(\w*)\n([\s\S]*?)^```$/gm;

export function blocksOf(page: string): readonly Block[] {
  const text = read(page);
  return [...text.matchAll(FENCE)].map((match) => ({
    page,
    line: text.slice(0, match.index).split('\n').length,
    language: match[1] ?? '',
    text: match[2] ?? '',
  }));
}

/** The page without its blocks: what is said in words. */
export const wordsOf = (page: string): string => read(page).replace(FENCE, '');

/** The blocks for a shell, each with the answer that stands below it. */
export function stepsOf(page: string): readonly Step[] {
  const blocks = blocksOf(page);
  return blocks.flatMap((block, index) => {
    const next = blocks[index + 1];
    const isShown = next !== undefined && ['', 'json'].includes(next.language);
    return block.language === 'sh' ? [{ ...block, shown: isShown ? next : undefined }] : [];
  });
}

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
const MOMENT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
const ADDRESS = /127\.0\.0\.1:\d+/g;

/** Text in which what is another thing each time looks the same. */
export const masked = (text: string): string =>
  text.replace(UUID, '<id>').replace(MOMENT, '<time>').replace(ADDRESS, '<address>');

/** Where a true answer is not as shown, by path; a shown object may leave fields out, a list may leave out nothing. */
export function differences(shown: unknown, answer: unknown, path = '$'): readonly string[] {
  if (typeof shown !== 'object' || shown === null) return differenceOf(shown, answer, path);
  if (typeof answer !== 'object' || answer === null) return [`${path} holds nothing`];
  const entries = Object.entries(shown);
  if (Array.isArray(shown) && Object.keys(answer).length !== entries.length)
    return [`${path} has another length than ${String(entries.length)}`];
  const fields = answer as Readonly<Record<string, unknown>>;
  return entries.flatMap(([key, value]) => differences(value, fields[key], `${path}.${key}`));
}

function differenceOf(shown: unknown, answer: unknown, path: string): readonly string[] {
  const [wanted, got] = [shown, answer].map((value) =>
    value === undefined ? 'nothing' : masked(JSON.stringify(value)),
  );
  return wanted === got ? [] : [`${path} is ${got ?? ''} and not ${wanted ?? ''}`];
}
