/** `wrapkeeper.yaml` becomes settings with every default filled in. */
import type { Diagnostic } from '../domain/diagnostics.js';
import { problem } from '../domain/diagnostics.js';
import { readDocument } from './document.js';
import { presentFindings } from './findings.js';
import { identifySettings } from './kinds.js';
import { placeOf } from './locate.js';
import { toMs, toSelectors, toSuspension } from './normalise.js';
import type { Origin } from './normalise.js';
import { API_VERSION } from './schema-shared.js';
import { checkSettings } from './settings-rules.js';
import type { SettingsContext } from './settings-rules.js';
import { settingsSchema } from './settings-schema.js';
import type { WrittenSettings } from './settings-schema.js';
import type { Settings } from './settings.js';
import type { SourceFile } from './source.js';
import { readYaml } from './yaml.js';
import type { YamlDocument } from './yaml.js';

export interface ParsedSettings {
  /** The defaults where there is no file, or where it could not be read: look at the diagnostics first. */
  readonly settings: Settings;
  /** Sorted by place. */
  readonly diagnostics: readonly Diagnostic[];
}

const DEFAULTS: WrittenSettings = settingsSchema.parse({
  apiVersion: API_VERSION,
  kind: 'Settings',
});

/**
 * Reads and checks the settings. Without a file, the defaults hold.
 *
 * @example parseSettings(null, { now: clock.now(), ci: false }).settings.policies // ['policies']
 */
export const parseSettings = (
  file: SourceFile | null,
  context: SettingsContext,
): ParsedSettings => {
  if (file === null) {
    const diagnostics = checkSettings(DEFAULTS, context, null);
    return { settings: toSettings(DEFAULTS, () => NOWHERE), diagnostics };
  }
  const yaml = readYaml(file);
  const [document, ...others] = yaml.documents;
  if (document === undefined) {
    return {
      settings: toSettings(DEFAULTS, () => NOWHERE),
      // An empty file says nothing about the organization: it is more likely cut short than meant.
      diagnostics: presentFindings(
        yaml.diagnostics.map((finding) => ({ ...finding, severity: 'error' })),
      ),
    };
  }
  const { kind, diagnostic } = identifySettings(document);
  const read =
    kind === null
      ? { written: null, diagnostics: [diagnostic], untold: 0 }
      : readDocument(document, settingsSchema);
  const origin: Origin = (path) => ({ policy: 'settings', span: placeOf(document, path) });
  const diagnostics = [
    ...yaml.diagnostics,
    ...read.diagnostics,
    ...others.map(oneTooMany),
    ...(read.written === null ? [] : checkSettings(read.written, context, document)),
  ];
  return {
    settings: toSettings(read.written ?? DEFAULTS, origin),
    diagnostics: presentFindings(diagnostics, new Map([[file.path, read.untold]])),
  };
};

const NOWHERE = {
  policy: 'settings',
  span: { file: '', line: 1, column: 1, endLine: 1, endColumn: 1 },
};

const oneTooMany = (document: YamlDocument): Diagnostic =>
  problem({
    code: 'settings.several-documents',
    message: 'The settings are one document; another one begins here.',
    remedy: 'Keep one of them.',
    span: placeOf(document, []),
  });

const toSettings = (written: WrittenSettings, origin: Origin): Settings => ({
  organizationId: written.organization?.id.toLowerCase() ?? null,
  region: written.region ?? null,
  policies: written.policies,
  api: written.api,
  suspend: toSuspension(written.suspend),
  limits: written.limits,
  guards: written.guards,
  activity: written.activity,
  changeWindows: written.changeWindows.map(({ duration, queues, ...window }, index) => ({
    ...window,
    durationMs: toMs(duration),
    queues: toSelectors(queues, ['changeWindows', index, 'queues'], origin),
  })),
  journal: {
    store:
      written.journal.branch === undefined
        ? { folder: written.journal.folder ?? '.wrapkeeper' }
        : { branch: written.journal.branch },
    keepMs: written.journal.keep === 'forever' ? null : toMs(written.journal.keep),
  },
  settleForMs: toMs(written.settleFor),
  webhooks: written.webhooks,
  daemon: {
    intervalMs: toMs(written.daemon.interval),
    sweepIntervalMs: toMs(written.daemon.sweepInterval),
    verifyCommits: written.daemon.verifyCommits,
    listen: written.daemon.listen,
    apiToken: written.daemon.apiToken ?? null,
    gitSecret: written.daemon.gitSecret ?? null,
    inboundSecrets: written.daemon.inboundSecrets,
    flap: { reversals: written.daemon.flap.reversals, withinMs: toMs(written.daemon.flap.within) },
  },
});
