/**
 * The vendor's published contract as a referee: it judges requests and answers that the simulator
 * logged, whoever sent them. The file is not part of the repository; tests that need it are skipped
 * where it is absent.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { LoggedRequest } from '../../src/simulator/request-log.js';

const FILE = path.resolve(import.meta.dirname, '../../../shared/genesys/public-api.swagger.json');

/** Why contract tests are skipped, or null where they can run. */
export const contractAbsence = existsSync(FILE)
  ? null
  : 'the published contract is not at ../shared/genesys/public-api.swagger.json';

interface Schema {
  readonly $ref?: string;
  readonly readOnly?: boolean;
  readonly [keyword: string]: unknown;
}

interface Parameter {
  readonly in: 'query' | 'path' | 'body';
  readonly name: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly required?: boolean;
  readonly schema?: Schema;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly responses: Readonly<
    Record<
      string,
      { readonly schema?: Schema; readonly 'x-inin-error-codes'?: Readonly<Record<string, string>> }
    >
  >;
}

interface Swagger {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly definitions: Readonly<Record<string, { readonly properties?: Record<string, Schema> }>>;
}

/** The contract, ready to judge. */
export interface Contract {
  /** Every operation, as `GET /api/v2/…`. */
  readonly operations: readonly string[];
  /** What breaks the contract in a logged request and its answer, each as a sentence; empty where nothing does. */
  violations(logged: LoggedRequest): readonly string[];
}

/** Reads the contract. Call it only where {@link contractAbsence} is null. */
export const loadContract = (): Contract => {
  const swagger = JSON.parse(readFileSync(FILE, 'utf8')) as Swagger;
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true });
  addFormats.default(ajv);
  ajv.addFormat('uri', (value) => URL.canParse(value, 'https://api.example.org'));
  ajv.addFormat('interval', /^[^/]+\/[^/]+$/);
  ajv.addSchema({ $id: 'contract', definitions: swagger.definitions });

  const validators = new Map<Schema, ValidateFunction>();
  const validatorOf = (schema: Schema): ValidateFunction => {
    const known = validators.get(schema) ?? ajv.compile(absolute(schema) as Schema);
    validators.set(schema, known);
    return known;
  };
  const schemaViolations = (what: string, schema: Schema, value: unknown): string[] => {
    const validate = validatorOf(schema);
    if (validate(value)) return [];
    return (validate.errors ?? []).map((error) => `${what}${error.instancePath} ${error.message}`);
  };

  const requestViolations = (operation: Operation, logged: LoggedRequest): string[] => {
    const parameters = operation.parameters ?? [];
    const named = new Map(
      parameters.filter((each) => each.in === 'query').map((each) => [each.name, each]),
    );
    const body = parameters.find((each) => each.in === 'body');
    return [
      ...Object.entries(logged.query).flatMap(([name, values]) =>
        queryViolations(named.get(name), name, values),
      ),
      ...(body?.schema === undefined
        ? logged.requestBody === undefined
          ? []
          : ['request: a body where none is due']
        : [
            ...schemaViolations('request', body.schema, logged.requestBody),
            ...readOnlyViolations(swagger, body.schema, logged.requestBody),
          ]),
    ];
  };

  const answerViolations = (operation: Operation, logged: LoggedRequest): string[] => {
    if (logged.status === null || isOfGateway(logged)) return [];
    const response = operation.responses[logged.status] ?? operation.responses['default'];
    if (response === undefined) return [`answer: status ${logged.status} is not in the contract`];
    const { schema, 'x-inin-error-codes': codes } = response;
    if (schema === undefined) {
      return logged.responseBody === undefined ? [] : ['answer: a body where none is due'];
    }
    const code = (logged.responseBody as { code?: string } | undefined)?.code ?? '';
    return [
      ...schemaViolations('answer', schema, logged.responseBody),
      ...(logged.status >= 400 && !Object.hasOwn(codes ?? {}, code)
        ? [`answer: the code ${code} is not one of status ${logged.status}`]
        : []),
    ];
  };

  return {
    operations: Object.entries(swagger.paths).flatMap(([route, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${route}`),
    ),
    violations: (logged) => {
      if (logged.route === LOGIN) return [];
      const operation = swagger.paths[logged.route ?? '']?.[logged.method.toLowerCase()];
      const found =
        operation === undefined
          ? ['no such operation']
          : [
              // A refused request may well break the contract: that is what it is refused for.
              ...(logged.status === 400 ? [] : requestViolations(operation, logged)),
              ...answerViolations(operation, logged),
            ];
      return found.map((violation) => `${logged.method} ${logged.path}: ${violation}`);
    },
  };
};

/** The login is no part of the contract. */
const LOGIN = '/oauth/token';

/** An answer of something between client and platform: no contract speaks of it. */
const isOfGateway = ({ status, faults }: LoggedRequest): boolean =>
  status === 502 || faults.includes('html');

/** References made absolute, so that a schema can be compiled on its own. */
const absolute = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(absolute);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' ? `contract${String(inner)}` : absolute(inner),
    ]),
  );
};

const FITS: Readonly<Record<string, (value: string) => boolean>> = {
  integer: (value) => /^-?\d+$/.test(value),
  boolean: (value) => value === 'true' || value === 'false',
};

const queryViolations = (
  parameter: Parameter | undefined,
  name: string,
  values: readonly string[],
): string[] => {
  if (parameter === undefined) return [`request: unknown query parameter ${name}`];
  const fits = FITS[parameter.type ?? ''] ?? (() => true);
  return values
    .filter((value) => !fits(value) || parameter.enum?.includes(value) === false)
    .map((value) => `request: ${name} cannot be ${value}`);
};

/** Read-only fields at the top of a body. Deeper down they travel inside references, as they were read. */
const readOnlyViolations = (swagger: Swagger, schema: Schema, body: unknown): string[] => {
  const name = (schema.$ref ?? '').replace('#/definitions/', '');
  const properties = swagger.definitions[name]?.properties ?? {};
  return Object.keys(body ?? {})
    .filter((field) => properties[field]?.readOnly === true)
    .map((field) => `request: ${field} is read-only`);
};
