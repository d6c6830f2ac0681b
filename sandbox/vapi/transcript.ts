import type { SandboxAssistant } from './defaults';

const GREETING = 'You have reached the voicemail. Please leave a message after the tone.';

/** What was said, in Vapi's form: one line per turn. */
export function renderTranscript(
  assistant: SandboxAssistant,
  endedReason: string | undefined,
  variables: Readonly<Record<string, unknown>>,
): string {
  const lines = assistant.dialogue.map((line) => fillIn(line, variables));
  const turns =
    endedReason === 'voicemail'
      ? [`User: ${GREETING}`, `AI: ${lines[0] ?? 'Hello.'}`]
      : lines.map((line, index) => `${index % 2 === 0 ? 'AI' : 'User'}: ${line}`);
  return `${turns.join('\n')}\n`;
}

function fillIn(line: string, variables: Readonly<Record<string, unknown>>): string {
  return line.replace(/\{\{\s*([\w-]+)\s*\}\}/g, (_, name: string) => {
    const value = variables[name];
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
  });
}
