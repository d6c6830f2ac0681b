import type { Dialogue } from './dialogues';

const GREETING = 'You have reached the voicemail. Please leave a message after the tone.';

/** One thing that was said. */
export interface Turn {
  readonly speaker: 'assistant' | 'recipient';
  readonly line: string;
}

/** What was said in a call that a person or, if so, a machine answered. */
export function turnsOf(
  { dialogue }: Dialogue,
  isMachine: boolean,
  variables: Readonly<Record<string, unknown>>,
): readonly Turn[] {
  const lines = dialogue.map((line) => fillIn(line, variables));
  if (isMachine) {
    return [
      { speaker: 'recipient', line: GREETING },
      { speaker: 'assistant', line: lines[0] ?? 'Hello.' },
    ];
  }
  return lines.map((line, index) => ({ speaker: index % 2 === 0 ? 'assistant' : 'recipient', line }));
}

/** One line per turn, each with its speaker's name as the vendor writes it. */
export function renderTurns(turns: readonly Turn[], names: Readonly<Record<Turn['speaker'], string>>): string {
  return turns.map(({ speaker, line }) => `${names[speaker]}: ${line}\n`).join('');
}

function fillIn(line: string, variables: Readonly<Record<string, unknown>>): string {
  return line.replace(/\{\{\s*([\w-]+)\s*\}\}/g, (_, name: string) => {
    const value = variables[name];
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
  });
}
