/** The JSON Schemas that editors complete and check with, made from the same schemas that policies are read with. */
import { z } from 'zod';
import { policySchema } from './schema.js';
import { settingsSchema } from './settings-schema.js';

export type JsonSchema = z.core.JSONSchema.JSONSchema;

const INSTANT = String.raw`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$`;

/** A zod schema as JSON Schema, draft 7, of what is written. */
export const jsonSchemaOf = (schema: z.core.$ZodType, title: string): JsonSchema => ({
  title,
  ...z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema }) => {
      // zod's own counts the days of every month; `format` does that, and people can read this.
      if (jsonSchema.format === 'date-time') jsonSchema.pattern = INSTANT;
    },
  }),
});

/** Of the documents in a policies folder, all kinds. */
export const policyJsonSchema = (): JsonSchema => jsonSchemaOf(policySchema, 'Wrapkeeper policies');

/** Of `wrapkeeper.yaml`. */
export const settingsJsonSchema = (): JsonSchema =>
  jsonSchemaOf(settingsSchema, 'Wrapkeeper settings');
