// One promise broken each: what to replace in which file of src/, and by what.

export const MUTATIONS = [
  // 3 and 4: the order
  {
    name: 'delete before add',
    changes: [
      [
        'apply/apply-queue.ts',
        'beforeWork: () => this.#addCodes(sets),',
        'beforeWork: async () => { await this.#removeCodes(sets); await this.#addCodes(sets); },',
      ],
      ['apply/apply-queue.ts', '        await this.#removeCodes(sets);\n', ''],
      [
        'apply/queue-codes.ts',
        '(codes) => this.#shows(codes, { ...sets, remove: [] }) || this.#shows(codes, sets),',
        '() => true,',
      ],
    ],
  },
  {
    name: 'after-call work before codes are added',
    changes: [
      [
        'apply/apply-queue.ts',
        'beforeWork: () => this.#addCodes(sets),',
        'beforeWork: async () => undefined,',
      ],
      [
        'apply/apply-queue.ts',
        '        await this.#removeCodes(sets);\n',
        '        await this.#addCodes(sets);\n        await this.#removeCodes(sets);\n',
      ],
    ],
  },
  {
    name: 'the catalog after the queues',
    changes: [
      [
        'apply/execute.ts',
        '  const catalog = await applyCatalog(plan.catalog, sending);',
        '  const catalog = await applyCatalog({ create: [], rename: [] }, sending);',
      ],
      [
        'apply/execute.ts',
        '  return buildReport(execution, {\n    held: plan.held.filter(',
        '  await applyCatalog(plan.catalog, sending);\n  return buildReport(execution, {\n    held: plan.held.filter(',
      ],
    ],
  },
  {
    name: 'a MANDATORY prompt without a look at the codes',
    changes: [
      [
        'apply/apply-queue.ts',
        '    if (isMandatory(to.prompt)) await this.#makeSureOfACode(to.prompt);\n    const done',
        '    const done',
      ],
      [
        'plan/split.ts',
        'codesLeft(drift, wrapupCodes) === 0\n  ) {',
        'codesLeft(drift, wrapupCodes) < 0\n  ) {',
      ],
    ],
  },
  {
    name: 'the last code removed without a look at the prompt',
    changes: [
      [
        'apply/apply-queue.ts',
        '    if (takesTheLast) await this.#makeSureThatNoneIsNeeded();\n    for',
        '    for',
      ],
      ['plan/split.ts', 'isMandatory(prompt) && codesLeft(drift, wrapupCodes) === 0', 'false'],
    ],
  },
  // 5: what writes rest on
  {
    name: 'write before read: a PUT of what the list showed',
    changes: [
      [
        'apply/apply-queue.ts',
        'let latest = await reader.queueDocument(id);',
        `let latest: QueueDocument | null = {
      queue: { ...this.#target.queue, afterCallWork: from, unsafeNumber: null } as QueueDocument['queue'],
      raw: { id, name: this.#target.change.name, acwSettings: {} },
      readAt: this.#context.clock.now(),
    };`,
      ],
    ],
  },
  {
    name: 'write before read: codes added on whatever the plan saw',
    changes: [
      [
        'apply/queue-codes.ts',
        'return this.#isFresh(planned) ? planned : this.readAfresh(sets);',
        'return planned ?? this.readAfresh(sets);',
      ],
      [
        'apply/send-step.ts',
        'if (this.#context.clock.now() - oldestAt > FRESH_FOR_MS)',
        'if (this.#context.clock.now() - oldestAt > 1e12)',
      ],
    ],
  },
  {
    name: 'no read before a removal',
    changes: [
      [
        'apply/apply-queue.ts',
        'const live = await this.#codes.beforeRemoving(sets);',
        'const live = this.#target.codes ?? (await this.#codes.beforeRemoving(sets));',
      ],
    ],
  },
  {
    name: 'removals before the added codes are seen',
    changes: [
      [
        'apply/queue-codes.ts',
        '(codes) => this.#shows(codes, { ...sets, remove: [] }) || this.#shows(codes, sets),',
        '() => true,',
      ],
    ],
  },
  {
    name: 'no last check: what grew old in the limiter is sent',
    changes: [
      [
        'genesys/writer.ts',
        'withLastCheck: (lastCheck, write) => inScope({ lastCheck }, write),',
        'withLastCheck: (_lastCheck, write) => inScope({}, write),',
      ],
    ],
  },
  {
    name: 'a stale document in the PUT',
    changes: [
      [
        'genesys/writer.ts',
        '  updateAfterCallWork: async ({ queue, raw }, to) => {',
        '  updateAfterCallWork: async ({ queue, raw: fresh }, to) => {\n    const raw = (documents.get(queue.name) ?? fresh) as typeof fresh;\n    documents.set(queue.name, fresh);',
      ],
      [
        'genesys/writer.ts',
        'const MAX_CODES = 100;',
        'const MAX_CODES = 100;\nconst documents = new Map<string, unknown>();',
      ],
    ],
  },
  {
    name: 'unknown fields dropped from the PUT',
    changes: [
      [
        'genesys/queue-document.ts',
        "  'selfUri',\n]);",
        "  'selfUri',\n  'outboundId',\n  'mediaSettings',\n]);",
      ],
    ],
  },
  {
    name: 'what others changed meanwhile is not told',
    changes: [
      ['apply/apply-queue.ts', 'if (differing.length > 0) {', 'if (differing.length < 0) {'],
    ],
  },
  // 6: unknown outcomes
  {
    name: 'a write repeated blindly after a 5xx',
    changes: [
      [
        'genesys/retry.ts',
        "(effect === 'read' && isServerTrouble(outcome.status))",
        'isServerTrouble(outcome.status)',
      ],
    ],
  },
  {
    name: 'a write repeated after a lost connection',
    changes: [
      [
        'genesys/retry.ts',
        "outcome.isTransient && (effect === 'read' || !outcome.wasSent)",
        'outcome.isTransient',
      ],
    ],
  },
  {
    name: '`applied` told of what is unknown',
    changes: [
      ['apply/send-step.ts', "part: { result: 'unknown',", "part: { result: 'applied',"],
      ['apply/send-step.ts', "unread: { result: 'unknown',", "unread: { result: 'applied',"],
      ['apply/send-step.ts', "none: { result: 'failed',", "none: { result: 'applied',"],
      [
        'apply/send-step.ts',
        "if (effect !== 'whole')\n          throw",
        "if (effect === 'whole' && false)\n          throw",
      ],
    ],
  },
  {
    name: 'no patience with reads that lag',
    changes: [
      [
        'apply/settle.ts',
        'const deadline = clock.now() + settleForMs;',
        'const deadline = clock.now() + 0 * settleForMs;',
      ],
    ],
  },
  {
    name: 'a code that could not be created is told as applied',
    changes: [
      [
        'apply/apply-catalog.ts',
        "? ends('failed', `${message}; reading shows that it did not take effect`, { correlationId })",
        "? ends('applied', null, { correlationId })",
      ],
    ],
  },
  // 7: one queue and another
  {
    name: 'a failed queue swallowed',
    changes: [
      [
        'apply/execute.ts',
        'rows: told.rows,',
        "rows: told.rows.filter(({ outcome }) => outcome !== 'failed'),",
      ],
    ],
  },
  {
    name: 'a failed queue stops the others',
    changes: [
      ['apply/execute.ts', '      if (signal.aborted)\n', '      if (signal.aborted || failed)\n'],
      [
        'apply/execute.ts',
        '      observer.queueFinished?.(result.row);',
        "      observer.queueFinished?.(result.row);\n      failed ||= result.row.outcome === 'failed';",
      ],
      [
        'apply/execute.ts',
        '  const done = await inParallel(',
        '  let failed = false;\n  const done = await inParallel(',
      ],
    ],
  },
  {
    name: 'a deleted queue ends the pass',
    changes: [
      [
        'apply/read-org.ts',
        "error.code === 'genesys.not-found'",
        "error.code === 'genesys.torn-read'",
      ],
    ],
  },
  // 8: torn reads
  {
    name: 'a page that is missing is not noticed',
    changes: [['genesys/paging.ts', 'if (items.length !== total)', 'if (items.length > total)']],
  },
  {
    name: 'an id that came twice is not noticed',
    changes: [['genesys/paging.ts', 'if (twice > 0)', 'if (twice < 0)']],
  },
  {
    name: 'a total that changed is not noticed',
    changes: [['genesys/paging.ts', 'if (odd !== undefined)', 'if (odd?.total === -1)']],
  },
  {
    name: 'absences in the lists are taken as real',
    changes: [
      ['apply/read-org.ts', 'lists.pages.queues > 1', 'lists.pages.queues > 1e9'],
      ['apply/read-org.ts', 'lists.pages.codes > 1', 'lists.pages.codes > 1e9'],
    ],
  },
  {
    name: 'a code absent on a page is taken as absent',
    changes: [['diff/detect-drift.ts', 'codes.pages > 1 &&', 'codes.pages > 1e9 &&']],
  },
  // 9: guards
  {
    name: 'a guard forgotten: queuesChanged',
    changes: [
      [
        'plan/guards.ts',
        "overall('queuesChanged', touched, input.queuesGoverned)",
        "overall('queuesChanged', [], input.queuesGoverned)",
      ],
    ],
  },
  {
    name: 'a guard forgotten: codesRemoved',
    changes: [
      [
        'plan/guards.ts',
        "overall('codesRemoved', removed, input.codesRead)",
        "overall('codesRemoved', [], input.codesRead)",
      ],
    ],
  },
  {
    name: 'a guard forgotten: codesRemovedPerQueue',
    changes: [['plan/guards.ts', 'tooMany.length > 0,\n', 'false,\n']],
  },
  {
    name: 'a guard forgotten: codesPerQueue',
    changes: [['plan/guards.ts', '(fullest?.count ?? 0) > guards.codesPerQueue,', 'false,']],
  },
  {
    name: 'a floor forgotten: small organizations are refused',
    changes: [
      [
        'plan/guards.ts',
        '(actual > floor && actual * 100 > percent * of)',
        '(actual * 100 > percent * of)',
      ],
    ],
  },
  {
    name: 'any accepted digest lifts the guards',
    changes: [['reconcile.ts', 'plan.digest === apply.accept ?', 'apply.accept !== null ?']],
  },
  // 11: the pace
  {
    name: 'Retry-After ignored',
    changes: [
      [
        'genesys/limiter.ts',
        'this.#pausedUntil = Math.max(this.#pausedUntil, now + waitMs);',
        'this.#pausedUntil = Math.max(this.#pausedUntil, now + 0 * waitMs);',
      ],
      [
        'genesys/transport.ts',
        'error: errorOfAnswer(name, outcome), afterMs: pauseMs };',
        'error: errorOfAnswer(name, outcome), afterMs: 0 * pauseMs };',
      ],
    ],
  },
  {
    name: 'the limit exceeded by one',
    changes: [
      [
        'genesys/limiter.ts',
        'Math.max(1, Math.floor(options.requestsPerMinute));',
        'Math.max(1, Math.floor(options.requestsPerMinute)) + 1;',
      ],
    ],
  },
  {
    name: 'the limit counted from the sending',
    changes: [
      [
        'genesys/limiter.ts',
        'this.#freeAt.push(this.#now() + this.#windowMs);',
        'this.#freeAt.push(now + this.#windowMs);',
      ],
    ],
  },
  // 12, windows, activity
  {
    name: 'not stopped by a signal: other queues are begun',
    changes: [
      [
        'apply/execute.ts',
        '      if (signal.aborted)\n',
        '      if (signal.aborted && queuesAtOnce === null)\n',
      ],
    ],
  },
  {
    name: 'not stopped by a signal: the next step is sent',
    changes: [
      [
        'apply/send-step.ts',
        'if (this.#context.signal.aborted) throw this.stopped();\n    //',
        '//',
      ],
    ],
  },
  {
    name: 'the window forgotten at apply',
    changes: [
      [
        'apply/judge.ts',
        'closed: (queue) => closedHold(queue, windows, clock.now()),',
        'closed: () => null,',
      ],
    ],
  },
  {
    name: 'the window forgotten while a write waits',
    changes: [
      [
        'apply/send-step.ts',
        '    const lastCheck = (): void => {\n      mustBeOpen();',
        '    const lastCheck = (): void => {',
      ],
    ],
  },
  {
    name: 'the window forgotten for the catalog',
    changes: [
      [
        'apply/judge.ts',
        'catalog: () => catalogHold(windows, clock.now()),',
        'catalog: () => null,',
      ],
    ],
  },
  {
    name: 'a deny window that does not win',
    changes: [
      [
        'plan/windows.ts',
        '      denied === undefined &&\n',
        '      (denied === undefined || isConfined) &&\n',
      ],
    ],
  },
  {
    name: 'activity not asked for anew',
    changes: [
      [
        'apply/judge.ts',
        'busy: async ({ id }) => (await busyAmong([id]))[0]?.[1] ?? null,',
        'busy: () => Promise.resolve(null),',
      ],
    ],
  },
  {
    name: 'unreadable activity taken as none',
    changes: [
      [
        'plan/forecast.ts',
        "if (interacting.kind === 'unread') {",
        "if (interacting.kind === 'unread') return null;\n  if (interacting.kind === 'unread') {",
      ],
    ],
  },
  {
    name: 'one interaction too many tolerated',
    changes: [
      [
        'plan/forecast.ts',
        'if (interacting.count <= maxInteracting) return null;',
        'if (interacting.count <= maxInteracting + 1) return null;',
      ],
    ],
  },
  // the journal
  {
    name: 'journal: a write without an intent',
    changes: [
      ['apply/send-step.ts', '      if (this.#steps.length === 0) await this.#intend();\n', ''],
    ],
  },
  {
    name: 'journal: the intent after the write',
    changes: [
      ['apply/send-step.ts', '      if (this.#steps.length === 0) await this.#intend();\n', ''],
      [
        'apply/send-step.ts',
        "      if (receipt !== null) record('applied', receipt.correlationId);",
        "      if (receipt !== null) record('applied', receipt.correlationId);\n      await this.#intend();",
      ],
    ],
  },
  {
    name: 'journal: a code without an intent',
    changes: [['apply/apply-catalog.ts', '      await intend();\n', '']],
  },
  {
    name: 'journal: what died is not settled',
    changes: [
      [
        'apply/settle-intents.ts',
        '  const { journal, concurrency, signal } = input;\n',
        '  const { journal, concurrency, signal } = input;\n  if (journal.head.seq >= 0) return [];\n',
      ],
    ],
  },
  {
    name: 'journal: what came through is settled as not applied',
    changes: [
      [
        'apply/verdict.ts',
        "return audit === 'others' ? 'unknown' : 'applied';",
        "return 'not-applied';",
      ],
    ],
  },
  {
    name: 'journal: outcomes of failures are not written down',
    changes: [
      [
        'apply/ledger.ts',
        "    if (intent === undefined && row.outcome !== 'failed') return;",
        "    if (row.outcome === 'failed') return;",
      ],
    ],
  },
  {
    name: 'journal: a correction is told although nothing was written',
    changes: [
      [
        'domain/journal.ts',
        "if (outcome === 'applied') return wrote ? 'wrapkeeper.queue.corrected' : null;",
        "if (outcome === 'applied' || outcome === 'stale') return 'wrapkeeper.queue.corrected';",
      ],
    ],
  },
];
