import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';

/** A schema as OpenAPI 3.0 writes it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly example?: unknown;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, { readonly schema?: Schema; readonly example?: unknown }>>;

interface WireOperation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
  readonly security?: readonly object[];
}

/** Who may use a route, as far as the document tells: whoever acts for a user can name one. */
export type DescribedAccess = 'public' | 'user' | 'admin';

export interface Operation {
  /** As in `POST /v1/calls/{id}/cancel`. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly access: DescribedAccess;
  readonly parameters: readonly Parameter[];
  readonly bodySchema: Schema | undefined;
  /** What the document shows as a body. */
  readonly bodyExample: unknown;
  readonly responses: WireOperation['responses'];
}

/** An answer as it is judged here. */
export interface JudgedAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
/** What any route may answer without saying so: the request never got as far as the route. */
const BEFORE_ROUTES = new Set([408, 414, 431]);

/** What openapi.json promises, and whether an answer keeps it. */
export class DescribedApi {
  private readonly document = JSON.parse(readFileSync('openapi.json', 'utf8')) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, WireOperation>>>>;
    readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
  };
  private readonly ajv = new Ajv({ strict: false, allErrors: false });
  private readonly validators = new Map<string, ValidateFunction>();

  constructor() {
    this.ajv.addFormat('uuid', UUID);
    this.ajv.addFormat('date-time', DATE_TIME);
    this.ajv.addFormat('date', /^\d{4}-\d\d-\d\d$/);
    this.ajv.addFormat('uri', (text: string) => URL.canParse(text));
    this.ajv.addSchema(this.document, 'openapi');
  }

  operations(): readonly Operation[] {
    return Object.entries(this.document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => this.toOperation(method.toUpperCase(), path, operation)),
    );
  }

  /** The schema itself, where another one only refers to it. */
  resolve(schema: Schema): Schema {
    const name = schema.$ref?.split('/').pop();
    return name === undefined ? schema : this.resolve(this.document.components.schemas[name] ?? {});
  }

  /** What is wrong with an answer: a failure of the service, no problem where one is due, a body unlike its schema. */
  complaintsAbout(operation: Operation, answer: JudgedAnswer): readonly string[] {
    const { status } = answer;
    if (status >= 500) return [`answers ${status}`];
    const described = operation.responses[String(status)];
    if (!described && !BEFORE_ROUTES.has(status)) return [`answers ${status}, which the document does not know`];
    if (status >= 400) return this.complaintsAboutProblem(answer);
    return this.complaintsAboutBody(operation, answer);
  }

  /** What keeps an error from being a problem as the document describes one. */
  complaintsAboutProblem({ status, contentType, text }: JudgedAnswer): readonly string[] {
    if (contentType !== 'application/problem+json; charset=utf-8') return [`${status} comes as ${contentType}`];
    const problem = parse(text) as { status?: unknown } | undefined;
    const validator = this.validator('#/components/schemas/Problem');
    if (!validator(problem)) return [`is no problem: ${this.ajv.errorsText(validator.errors)}`];
    const known = ['type', 'title', 'status', 'detail', 'code', 'requestId', 'errors'];
    const unknown = Object.keys(problem ?? {}).filter((key) => !known.includes(key));
    if (unknown.length > 0) return [`a problem with ${unknown.join(', ')}`];
    return problem?.status === status ? [] : [`${status} says that it is ${String(problem?.status)}`];
  }

  private complaintsAboutBody(operation: Operation, { status, contentType, text }: JudgedAnswer): readonly string[] {
    const { content } = operation.responses[String(status)] ?? {};
    if (!content) return text === '' ? [] : [`${status} has a body, which the document does not know`];
    const [type] = contentType.split(';');
    if (type === undefined || !(type in content)) return [`${status} comes as ${contentType}`];
    if (type !== 'application/json') return [];
    const escape = (part: string) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
    const steps = ['paths', operation.path, operation.method.toLowerCase(), 'responses', String(status), 'content'];
    const validator = this.validator(`#/${[...steps, type, 'schema'].map(escape).join('/')}`);
    return validator(parse(text)) ? [] : [`${status} is unlike its schema: ${this.ajv.errorsText(validator.errors)}`];
  }

  private validator(pointer: string): ValidateFunction {
    const known = this.validators.get(pointer);
    if (known) return known;
    const made = this.ajv.compile({ $ref: `openapi${pointer}` });
    this.validators.set(pointer, made);
    return made;
  }

  private toOperation(method: string, path: string, operation: WireOperation): Operation {
    const { parameters = [], requestBody, responses, security = [] } = operation;
    const json = requestBody?.content['application/json'];
    return {
      name: `${method} ${path}`,
      method,
      path,
      access: security.length === 0 ? 'public' : protectedAccess(parameters),
      parameters,
      bodySchema: json?.schema,
      bodyExample: json?.example ?? (json?.schema && this.resolve(json.schema).example),
      responses,
    };
  }
}

function protectedAccess(parameters: readonly Parameter[]): DescribedAccess {
  return parameters.some(({ name }) => name === 'X-On-Behalf-Of') ? 'user' : 'admin';
}

/** The path with its parameters filled in, encoded. */
export function pathOf({ path }: Operation, valueOf: (name: string) => string): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(valueOf(name)));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
