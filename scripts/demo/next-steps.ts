import { DEFAULT_DATA_DIRECTORY } from '../../src/local/prepare-local-mode';
import { daysFromNow } from './order-calls';
import type { Show } from './run-show';
import type { Screen } from './screen';
import { demoUserId } from './world';

const NUMBER = '+12025550199';

interface Place {
  readonly url: string;
  readonly dataDirectory: string;
  readonly isServing: boolean;
}

/** What to try next, ready to be copied. */
export function showNextSteps(screen: Screen, { url, dataDirectory, isServing }: Place, show: Show): void {
  const { userId } = show.customer;
  const directory = dataDirectory === DEFAULT_DATA_DIRECTORY ? '' : `DATA_DIR='${dataDirectory}' `;
  const user = userId === demoUserId ? 'demo' : userId;
  const variables = JSON.stringify({ customerName: 'You', appointmentDate: daysFromNow(7) });
  screen.section(isServing ? 'Your turn' : `Your turn (first: ${directory}npm start)`);
  screen.line(`  The API         ${url}/docs`);
  screen.line(`  A token         ${directory}npm run --silent token -- --user ${user}`);
  screen.line(`  … for an admin  the same with --admin`);
  screen.line(`  Queue a call    TOKEN=$(${directory}npm run --silent token -- --user ${user})`);
  screen.line(`                  curl -sS ${url}/v1/calls \\`);
  screen.line(`                    -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\`);
  screen.line(`                    -d '{"templateId": "${show.order.templateId}",`);
  screen.line(`                         "recipientNumber": "${NUMBER}",`);
  screen.line(`                         "customVariables": ${variables}}'`);
  screen.line(`  See it          curl -sS '${url}/v1/call-history?limit=1' -H "Authorization: Bearer $TOKEN"`);
  screen.line(`  Pay, or not     ${url}${new URL(show.portalUrl).pathname}`);
  screen.line(`                  (a page: renew, let the card be declined, cancel; GET /v1/subscription follows)`);
}
