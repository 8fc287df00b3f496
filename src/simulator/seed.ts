/** The seed: what an organization starts with, as a person writes it. Names stand for ids throughout. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { parseJson } from './body.js';

const uuid = z.guid();
const name = z.string().min(1);

const divisionSchema = z.strictObject({
  id: uuid.optional(),
  name,
  /** The division that things fall into where nobody names one; otherwise the first of the list. */
  home: z.boolean().optional(),
});

const codeSchema = z.union([
  name,
  z.strictObject({
    id: uuid.optional(),
    name,
    description: z.string().optional(),
    /** A division's name, or `*` for all. */
    division: name.optional(),
  }),
]);

const queueSchema = z.strictObject({
  id: uuid.optional(),
  name,
  division: name.optional(),
  /** Names of codes. */
  codes: z.array(name).optional(),
  /** As the API has it; old values that it would not take any more are fine. */
  acwSettings: z
    .strictObject({ wrapupPrompt: z.string().optional(), timeoutMs: z.number().optional() })
    .optional(),
  enabled: z.boolean().optional(),
  /** A field whose reference went stale: every PUT of the queue is refused because of it. */
  staleReference: z.string().optional(),
  activity: z
    .strictObject({
      interacting: z.int().min(0).optional(),
      waiting: z.int().min(0).optional(),
      onQueueUsers: z.int().min(0).optional(),
    })
    .optional(),
  /** More fields of the queue's document; null takes a default one away. */
  fields: z.record(z.string(), z.unknown()).optional(),
});

/** Those of the contract that queues have. */
const MEDIA_TYPES = ['voice', 'callback', 'chat', 'email', 'message'] as const;

const interactionSchema = z.strictObject({
  queue: name,
  /** A code's name, one of the platform's words such as `ININ-WRAP-UP-TIMEOUT`, or null: without a code. */
  code: name.nullable(),
  /** Default `voice`. */
  mediaType: z.enum(MEDIA_TYPES).optional(),
  count: z.int().min(1).optional(),
  /** After-call work of each, in milliseconds. */
  acwMs: z.int().min(0).optional(),
  /** When they ended: an instant, or so many milliseconds before the simulator started. */
  at: z.iso.datetime({ offset: true }).optional(),
  agoMs: z.int().min(0).optional(),
});

const seedSchema = z.strictObject({
  organization: z.strictObject({ id: uuid.optional(), name: name.optional() }).optional(),
  divisions: z.array(divisionSchema).optional(),
  codes: z.array(codeSchema).optional(),
  queues: z.array(queueSchema).optional(),
  interactions: z.array(interactionSchema).optional(),
});

/** An organization as a test or a file describes it. */
export type SimulatorSeed = z.input<typeof seedSchema>;
/** One queue of a seed. */
export type SeedQueue = z.input<typeof queueSchema>;
/** One code of a seed. */
export type SeedCode = z.input<typeof codeSchema>;
/** One group of interactions of a seed. */
export type SeedInteraction = z.input<typeof interactionSchema>;

/** Checks a seed; throws an Error that lists everything wrong with it. */
export const parseSeed = (value: unknown): SimulatorSeed => {
  const parsed = seedSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(`The simulator's seed is not valid:\n${z.prettifyError(parsed.error)}`);
};

/** Reads a seed from a JSON file. Numbers that a double cannot hold keep all their digits. */
export const readSeed = async (path: string): Promise<SimulatorSeed> =>
  parseSeed(parseJson(await readFile(path, 'utf8')));
