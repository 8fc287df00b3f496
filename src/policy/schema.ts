/** What people write in policy files. The normalised form is in `model.ts`. */
import { z } from 'zod';
import { WRAPUP_PROMPTS } from '../domain/state.js';
import {
  choice,
  count,
  duration,
  filledList,
  flag,
  instant,
  integer,
  list,
  map,
  mapWithOneOf,
  name,
  prose,
  uuid,
  word,
} from './schema-parts.js';
import { header, metadata, queueSelector, suspension } from './schema-shared.js';

const bypass = (description: string) =>
  map(description, {
    selfAssignment: flag(
      'An agent who assigned the interaction to themselves may close it without a code.',
    ).optional(),
    supervisorAssignment: flag(
      'An interaction that a supervisor assigned may be closed without a code.',
    ).optional(),
    agentAssignment: flag(
      'An interaction that another agent assigned may be closed without a code.',
    ).optional(),
    transfer: flag('An interaction that is transferred may be left without a code.').optional(),
    wrapup: flag('The wrap-up itself may be left without a code.').optional(),
    postCallWork: flag('Work after the call may be closed without a code.').optional(),
  });

const codeName = name(
  'The name of the wrap-up code, exactly as "Wrap-up Codes" shows it.',
  'Resolved',
);

const listedCode = z.union([
  codeName,
  mapWithOneOf('A code with its own row of the requirement matrix.', ['name', 'id'], {
    name: name('The name of the wrap-up code.', 'Escalated').optional(),
    id: uuid('wrap-up code').optional(),
    required: flag(
      'Whether an interaction must end with this code or another required one. As `required` of the policy unless set.',
    ).optional(),
    bypass: bypass('Exceptions for this code; flags left out are as in the policy.').optional(),
  }),
]);

const forbiddenCode = z.union([
  codeName,
  mapWithOneOf('A code by name or by id.', ['name', 'id'], {
    name: name('The name of the wrap-up code.', 'Test').optional(),
    id: uuid('wrap-up code').optional(),
  }),
]);

const unmanaged = word(
  'Hands off: with `combine: replace`, no rules of lower priority for this section count on these queues.',
  'unmanaged',
);

/** The labels of the admin UI, and what they mean. */
export const PROMPT_LABELS = {
  OPTIONAL: '"Optional", agents may skip it.',
  MANDATORY: '"Mandatory, Discretionary", until the agent finishes it.',
  MANDATORY_TIMEOUT:
    '"Mandatory, Time-boxed", until the timer ends or the agent finishes it earlier.',
  MANDATORY_FORCED_TIMEOUT: '"Mandatory, Time-boxed no early exit", until the timer ends.',
  AGENT_REQUESTED: '"Agent Requested", when the agent asks for it during the interaction.',
} as const;

const afterCallWork = map(
  'The queue\'s "After Call Work". It merges as one unit. Left out: this policy says nothing about it.',
  {
    prompt: choice('The "After Call Work" option of the queue.', WRAPUP_PROMPTS, PROMPT_LABELS),
    timeout: duration(
      'The "After Call Work timeout": 1s to 60m, beside MANDATORY_TIMEOUT, MANDATORY_FORCED_TIMEOUT or AGENT_REQUESTED. Left out: a legal timer of the queue stays.',
      '45s',
      '2m',
    ).optional(),
  },
);

const wrapupCodes = map(
  'The queue\'s "Wrap-up Codes". Left out: this policy says nothing about them.',
  {
    unlisted: choice(
      'What happens to codes on the queue that no policy lists.',
      ['remove', 'keep'],
      {
        remove: 'They are taken off the queue. The codes themselves stay in the organization.',
        keep: 'They stay.',
      },
    ),
    required: flag(
      'An interaction must end with one of these codes. Enforced under MANDATORY, advisory under other mandatory prompts.',
    ).default(false),
    bypass: bypass(
      'Who or what may close an interaction without one of these codes; each is false unless set. Advisory with the public API.',
    ).optional(),
    codes: list(
      'The codes that belong on the queue. Codes of all policies on a queue are united.',
      listedCode,
    ).optional(),
    forbidden: list(
      'Codes that must not be on these queues, whatever another policy lists.',
      forbiddenCode,
    ).optional(),
    allowEmpty: flag('Whether an empty list with `unlisted: remove` is meant.').default(false),
  },
);

/** `kind: QueuePolicy` */
export const queuePolicySchema = map('The wrap-up rules of some queues.', {
  ...header('QueuePolicy'),
  metadata: metadata('billing', 'queue policies'),
  spec: map('What holds on which queues.', {
    priority: integer(
      'Where two policies disagree, the higher one wins; equal priority is an error.',
    ).default(0),
    combine: choice(
      'How it joins policies of lower priority on the same queues.',
      ['merge', 'replace'],
      {
        merge: 'Together with them.',
        replace: 'For the sections present here, they are ignored.',
      },
    ).default('merge'),
    enforcement: choice('Whether it is written.', ['enforce', 'report'], {
      enforce: 'Drift is corrected.',
      report: 'Drift is planned and reported, never written.',
    }).default('enforce'),
    suspend: suspension('this policy').optional(),
    active: mapWithOneOf(
      'When the policy counts; before and after, it is absent.',
      ['from', 'until'],
      {
        from: instant(
          'When it begins to count. Left out: at once.',
          '2026-12-01T00:00:00Z',
        ).optional(),
        until: instant(
          'When it ceases to count. Left out: never.',
          '2027-01-15T00:00:00Z',
        ).optional(),
        afterwards: choice('What happens to its codes after `until`.', ['keep', 'remove'], {
          keep: 'They stay on the queues.',
          remove: 'They are removed where no other policy lists them.',
        }).default('keep'),
      },
    ).optional(),
    queues: map('The queues that it governs.', {
      include: filledList('A queue is governed when any entry selects it …', queueSelector),
      exclude: list('… unless an entry here does.', queueSelector).optional(),
    }),
    afterCallWork: z.union([afterCallWork, unmanaged]).optional(),
    wrapupCodes: z.union([wrapupCodes, unmanaged]).optional(),
  }),
});

/** `kind: WrapupCodeCatalog` */
export const catalogSchema = map(
  'The wrap-up codes that exist in the organization. Several catalogs are read as one.',
  {
    ...header('WrapupCodeCatalog'),
    metadata: metadata('catalog', 'catalogs'),
    spec: map('The codes, and what may be done about them.', {
      create: flag(
        'Create the listed codes that are missing. Otherwise a missing code is an error.',
      ).default(false),
      codes: filledList(
        'The codes. None is ever deleted from the organization.',
        map('One code.', {
          name: name('The name of the code, unique in the organization.', 'Resolved'),
          description: prose(
            'The description it is created with.',
            'Nothing left to do',
          ).optional(),
          division: name(
            'The division it is created in: a name, or `*` for all.',
            '*',
            'Retail',
          ).optional(),
          previously: name(
            'Its name until now: the code is renamed and keeps its history.',
            'Callback',
          ).optional(),
          retired: flag('Forbidden wherever codes are governed; listing it is an error.').default(
            false,
          ),
        }),
      ),
    }),
  },
);

/** `kind: GuardAllowance` */
export const allowanceSchema = map(
  'Lets a planned change through the guards, up to a number and an instant.',
  {
    ...header('GuardAllowance'),
    metadata: metadata('retire-old-reason', 'allowances'),
    spec: mapWithOneOf(
      'What passes, why, and until when. Other measures keep their limits.',
      ['queuesChanged', 'codesRemoved', 'codesRemovedPerQueue', 'codesPerQueue'],
      {
        queuesChanged: count('Queues that lose a code or change their prompt.', 0).optional(),
        codesRemoved: count('Codes removed, over all queues.', 0).optional(),
        codesRemovedPerQueue: count('Codes removed from one queue.', 0).optional(),
        codesPerQueue: count('Codes on one queue afterwards.', 0).optional(),
        reason: prose('Why.', 'Old reason is retired'),
        until: instant('When the allowance ends.', '2026-11-30T00:00:00Z'),
      },
    ),
  },
);

/** The kinds that a policies folder may hold. */
export const POLICY_SCHEMAS = {
  QueuePolicy: queuePolicySchema,
  WrapupCodeCatalog: catalogSchema,
  GuardAllowance: allowanceSchema,
} as const;

/** Any document of a policies folder. */
export const policySchema = z.discriminatedUnion('kind', [
  queuePolicySchema,
  catalogSchema,
  allowanceSchema,
]);

export type WrittenQueuePolicy = z.output<typeof queuePolicySchema>;
export type WrittenCatalog = z.output<typeof catalogSchema>;
export type WrittenAllowance = z.output<typeof allowanceSchema>;
