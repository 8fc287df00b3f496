/** The JSON Schemas that editors complete and check with, made from the same schemas that policies are read with. */
import { z } from 'zod';
import { policySchema } from './schema.js';
import { settingsSchema } from './settings-schema.js';

export type JsonSchema = z.core.JSONSchema.JSONSchema;

const generate = (schema: z.core.$ZodType, title: string): JsonSchema => ({
  title,
  ...z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema }) => {
      // `format` says it already, and people can read it.
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  }),
});

/** Of the documents in a policies folder, all kinds. */
export const policyJsonSchema = (): JsonSchema => generate(policySchema, 'Wrapkeeper policies');

/** Of `wrapkeeper.yaml`. */
export const settingsJsonSchema = (): JsonSchema => generate(settingsSchema, 'Wrapkeeper settings');
