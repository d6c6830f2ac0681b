import { STATUS_CODES } from 'node:http';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ACCESS_EXTENSION, type Access } from './caller';

type Operation = NonNullable<NonNullable<OpenAPIObject['paths'][string]>['get']>;
type Responses = Operation['responses'];

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const PROBLEM = '#/components/schemas/Problem';

const DESCRIPTION = `Queues outbound AI phone calls and places each one once.

Errors are \`application/problem+json\` (RFC 9457); \`code\` is stable. Every answer carries \`x-request-id\`.
Lists take \`limit\` and \`cursor\` and answer \`items\` and \`nextCursor\`, newest first.
An internal service (role \`service_role\`) names the user it acts for with the header \`X-On-Behalf-Of\`.`;

const problemSchema = {
  type: 'object' as const,
  required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
  properties: {
    type: { type: 'string', example: 'about:blank' },
    title: { type: 'string', example: 'Bad Request' },
    status: { type: 'integer', example: 400 },
    detail: { type: 'string', example: 'The request is not valid.' },
    code: { type: 'string', example: 'request.invalid' },
    requestId: { type: 'string', example: '0f8b4c1e-6a53-4c0e-9d5e-0d6a3a1b7c2d' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};

/** What each route may answer besides its own: by status, with the codes that the edge itself gives. */
const EDGE_ANSWERS = {
  '400': 'The request is malformed (`request.invalid`), or its user is not named (`auth.subject_required`).',
  '401': 'No token, or one that does not hold (`auth.unauthenticated`).',
  '403': 'The token does not have the right (`auth.forbidden`).',
  '404': 'There is no such thing, or none that the caller may see.',
  '409':
    'Contradicts what has happened, or an Idempotency-Key is used twice (`request.idempotency_conflict`, `request.in_progress`).',
  '413': 'The body is too large (`request.too_large`).',
  '415': 'The body is not application/json (`request.unsupported_media_type`).',
  '429': 'Too many requests (`request.rate_limited`). See `Retry-After`.',
  '500': 'A fault of the service (`request.internal`).',
  '503': 'Something that the service needs is away (`request.database_unavailable`). See `Retry-After`.',
} as const;
type EdgeStatus = keyof typeof EDGE_ANSWERS;

/** Describes every route of the application. */
export function describeApi(app: NestFastifyApplication): OpenAPIObject {
  const outline = new DocumentBuilder()
    .setTitle('Ringonce')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'A Supabase access token' },
      'bearer',
    )
    .build();
  const document = SwaggerModule.createDocument(app, outline, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}.${method}`,
  });
  const schemas = { ...document.components?.schemas, Problem: problemSchema };
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) if (item[method]) completeOperation(path, item[method]);
  }
  return { ...document, components: { ...document.components, schemas } };
}

function completeOperation(path: string, operation: Operation): void {
  const extensible = operation as Operation & { [ACCESS_EXTENSION]?: Access };
  const access = extensible[ACCESS_EXTENSION] ?? 'user';
  Reflect.deleteProperty(extensible, ACCESS_EXTENSION);
  operation.security = access === 'public' ? [] : [{ bearer: [] }];
  if (access === 'user') addOnBehalfOf(operation);
  for (const status of edgeStatuses(path, operation, access)) {
    operation.responses[status] ??= { description: EDGE_ANSWERS[status] };
  }
  describeAnswers(operation.responses);
}

function addOnBehalfOf(operation: Operation): void {
  operation.parameters = [
    ...(operation.parameters ?? []),
    {
      name: 'X-On-Behalf-Of',
      in: 'header',
      required: false,
      description: 'The user that an internal service acts for; required with role `service_role`.',
      schema: { type: 'string', format: 'uuid' },
    },
  ];
}

function edgeStatuses(path: string, operation: Operation, access: Access): EdgeStatus[] {
  if (!path.startsWith('/v1/')) return ['500'];
  const hasBody = operation.requestBody !== undefined;
  const isKeyed = (operation.parameters ?? []).some(
    (parameter) => 'name' in parameter && parameter.name === 'Idempotency-Key',
  );
  const candidates: readonly [boolean, readonly EdgeStatus[]][] = [
    [true, ['400', '500', '503']],
    [!path.startsWith('/v1/webhooks/'), ['429']],
    [access !== 'public', ['401', '403']],
    [access !== 'public' || path.includes('{'), ['404']],
    [isKeyed, ['409']],
    [hasBody, ['413', '415']],
  ];
  return candidates.flatMap(([applies, statuses]) => (applies ? statuses : []));
}

/** Every answer has a description, and every error that names no body of its own is a problem. */
function describeAnswers(responses: Responses): void {
  for (const [status, response] of Object.entries(responses)) {
    if (!response || '$ref' in response) continue;
    if (!response.description) response.description = STATUS_CODES[status] ?? 'Done';
    if (Number(status) < 400 || response.content) continue;
    response.content = { 'application/problem+json': { schema: { $ref: PROBLEM } } };
    if (status === '429' || status === '503') {
      response.headers = { 'Retry-After': { description: 'Seconds to wait', schema: { type: 'integer' } } };
    }
  }
}
