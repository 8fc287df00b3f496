/** What operators copy from `docs/operations` parses, is safe, and fits the page that explains it. */
import { execFile, spawnSync } from 'node:child_process';
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { SOURCE_STATES } from '../../src/daemon/status.js';
import { HOLDS } from '../../src/domain/change.js';
import { parseSettings } from '../../src/policy/parse-settings.js';
import { anchorsOf } from '../support/pages.js';

const DOCS = path.resolve(import.meta.dirname, '../../docs');
const FOLDER = path.join(DOCS, 'operations');
const read = (name: string): Promise<string> => readFile(path.join(FOLDER, name), 'utf8');
const page = (): Promise<string> => readFile(path.join(DOCS, 'operations.md'), 'utf8');

/** A drain takes so long at most. */
const DRAIN_SECONDS = 30;

/** The documents of a file; what is wrong with any of them, warnings included, is thrown. */
const documents = async (name: string): Promise<readonly unknown[]> => {
  const parsed = parseAllDocuments(await read(name));
  return parsed.map((document) => {
    expect([...document.errors, ...document.warnings]).toEqual([]);
    return document.toJS() as unknown;
  });
};

it('every file of YAML parses', async () => {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.yaml'));
  expect(names).toEqual(['alerts.yaml', 'kubernetes.yaml', 'settings-daemon.yaml']);
  for (const name of names) expect(await documents(name)).not.toContain(null);
});

describe('the page', () => {
  it('has a row for each state of the source and each hold', async () => {
    const text = await page();
    const firstCells = [...text.matchAll(/^\| ([^|]+) \|/gm)].map(([, cell = '']) => cell);
    const named = new Set(
      firstCells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word)),
    );
    for (const word of [...SOURCE_STATES, ...HOLDS]) expect(named, word).toContain(word);
  });

  it('names only codes of errors that there are', async () => {
    const errors = anchorsOf(await readFile(path.join(DOCS, 'errors.md'), 'utf8'));
    const codes = [...(await page()).matchAll(/`((?:genesys|journal|lease|cli)\.[a-z-]+)`/g)];
    const settings = new Set(['journal.keep']);
    expect(codes.length).toBeGreaterThan(10);
    for (const [, code = ''] of codes)
      if (!settings.has(code)) expect(errors, code).toContain(code);
  });
});

/** The metrics of the daemon. Their names are a promise. */
const METRICS = new Set([
  'wrapkeeper_build_info',
  'wrapkeeper_ready',
  'wrapkeeper_mode',
  'wrapkeeper_last_pass_timestamp_seconds',
  'wrapkeeper_last_success_timestamp_seconds',
  'wrapkeeper_consecutive_failed_passes',
  'wrapkeeper_passes_total',
  'wrapkeeper_noop_passes_total',
  'wrapkeeper_pass_duration_seconds',
  'wrapkeeper_queues',
  'wrapkeeper_oldest_drift_age_seconds',
  'wrapkeeper_time_to_repair_seconds',
  'wrapkeeper_corrections_total',
  'wrapkeeper_queue_failures_total',
  'wrapkeeper_requests_total',
  'wrapkeeper_requests_retried_total',
  'wrapkeeper_requests_throttled_total',
  'wrapkeeper_events_undelivered',
  'wrapkeeper_events_given_up',
  'wrapkeeper_oldest_undelivered_age_seconds',
  'wrapkeeper_drift_missed_by_audits_total',
  'wrapkeeper_detection',
  'wrapkeeper_source_state',
  'wrapkeeper_refused_plan',
  'wrapkeeper_accepted_timestamp_seconds',
  'wrapkeeper_external_events_total',
]);

interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

describe('the alerts', () => {
  const rules = async (): Promise<readonly AlertRule[]> => {
    const [file] = await documents('alerts.yaml');
    const { groups } = file as { groups: readonly { rules: readonly AlertRule[] }[] };
    return groups.flatMap((group) => group.rules);
  };

  it('rest on metrics that there are', async () => {
    for (const { alert, expr } of await rules()) {
      const names = expr.match(/\bwrapkeeper_\w+/g) ?? [];
      expect(names, alert).not.toEqual([]);
      for (const name of names) expect(METRICS, `${alert}: ${name}`).toContain(name);
    }
  });

  it('ask for states of the source that there are', async () => {
    const asked = (await rules())
      .flatMap(({ expr }) => [...expr.matchAll(/wrapkeeper_source_state\{state=~?"([^"]+)"\}/g)])
      .flatMap(([, states = '']) => states.split('|'));
    expect(asked).toContain('following');
    for (const state of asked) expect(SOURCE_STATES).toContain(state);
  });

  it('say how bad it is, what it is and what to do, and the runbook has a row for each', async () => {
    const text = await page();
    const found = await rules();
    for (const { alert, labels, annotations } of found) {
      expect(['page', 'ticket', 'info'], alert).toContain(labels['severity']);
      expect(annotations['summary'], alert).toBeTruthy();
      expect(annotations['description'], alert).toBeTruthy();
      const [address, anchor] = (annotations['runbook_url'] ?? '').split('#');
      expect(address, alert).toMatch(/^https:\/\/.*\/docs\/operations\.md$/);
      expect(text, alert).toContain(`| <a id="${anchor}"></a>\`${alert}\` |`);
    }
    const rows = [...text.matchAll(/^\| <a id="[^"]+"><\/a>`(\w+)` \|/gm)].map(
      ([, name = '']) => name,
    );
    expect(rows.toSorted()).toEqual(found.map(({ alert }) => alert).toSorted());
  });
});

it('the example of settings is valid, and names its secrets where the unit puts them', async () => {
  const text = await read('settings-daemon.yaml');
  const { settings, diagnostics } = parseSettings(
    { path: 'wrapkeeper.yaml', text },
    { now: Date.parse('2026-11-26T00:00:00Z'), ci: true },
  );
  expect(diagnostics).toEqual([]);
  const { apiToken, gitSecret, inboundSecrets } = settings.daemon;
  const references = [apiToken, gitSecret, ...inboundSecrets].concat(
    settings.webhooks.flatMap(({ secrets }) => secrets),
  );
  const unit = await read('wrapkeeper.service');
  const [secret] = (await documents('kubernetes.yaml')).filter(
    (object) => (object as KubernetesObject).metadata.name === 'wrapkeeper-files',
  );
  const { stringData = {} } = secret as KubernetesObject;
  expect(references).toHaveLength(4);
  for (const reference of references) {
    const file = reference !== null && 'file' in reference ? reference.file : '';
    expect(path.dirname(file)).toBe('/run/credentials/wrapkeeper.service');
    expect(unit).toContain(`\nLoadCredential=${path.basename(file)}:`);
    expect(Object.keys(stringData)).toContain(path.basename(file));
  }
});

interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly stringData?: Readonly<Record<string, string>>;
}

interface Deployment extends KubernetesObject {
  readonly spec: {
    readonly replicas: number;
    readonly strategy: { readonly type: string };
    readonly template: {
      readonly spec: {
        readonly automountServiceAccountToken: boolean;
        readonly terminationGracePeriodSeconds: number;
        readonly securityContext: {
          readonly runAsUser: number;
          readonly runAsGroup: number;
        };
        readonly volumes: readonly { readonly name: string }[];
        readonly containers: readonly {
          readonly image: string;
          readonly securityContext: Readonly<Record<string, unknown>>;
          readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
          readonly resources: { readonly limits: Readonly<Record<string, string>> };
          readonly livenessProbe: Probe;
          readonly readinessProbe: Probe;
          readonly startupProbe: Probe;
        }[];
      };
    };
  };
}
interface Probe {
  readonly httpGet: { readonly path: string };
}

describe('the objects of Kubernetes', () => {
  const deployment = async (): Promise<Deployment['spec']> => {
    const found = (await documents('kubernetes.yaml')) as readonly KubernetesObject[];
    const deployments = found.filter(({ kind }) => kind === 'Deployment');
    expect(deployments).toHaveLength(1);
    return (deployments[0] as Deployment).spec;
  };

  it('let one pod run, and end it before the next starts', async () => {
    const { replicas, strategy, template } = await deployment();
    expect(replicas).toBe(1);
    expect(strategy.type).toBe('Recreate');
    expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(DRAIN_SECONDS);
  });

  it('let it do little', async () => {
    const { spec: pod } = (await deployment()).template;
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(pod.containers).toHaveLength(1);
    for (const container of pod.containers) {
      expect(container.securityContext).toMatchObject({
        runAsNonRoot: true,
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        privileged: false,
        capabilities: { drop: ['ALL'] },
      });
      expect(container.image).not.toMatch(/:latest$|^[^:]+$/);
      expect(container.resources.limits['memory']).toBeDefined();
    }
  });

  it('run as the user of the image, and give it what it writes to', async () => {
    const { spec: pod } = (await deployment()).template;
    const { runAsUser, runAsGroup } = pod.securityContext;
    const { user } = lastStage(await read('Dockerfile'));
    expect([runAsUser, runAsGroup].join(':')).toBe(user);
    const [container] = pod.containers;
    const mounts = container?.volumeMounts ?? [];
    expect(mounts.map(({ mountPath }) => mountPath)).toEqual(
      expect.arrayContaining(['/var/lib/wrapkeeper', '/tmp']),
    );
    const volumes = pod.volumes.map(({ name }) => name);
    expect(volumes.toSorted()).toEqual(mounts.map(({ name }) => name).toSorted());
  });

  it('start it anew only where it is dead, not where it is not ready', async () => {
    const [container] = (await deployment()).template.spec.containers;
    expect(container?.startupProbe.httpGet.path).toBe('/healthz');
    expect(container?.livenessProbe.httpGet.path).toBe('/healthz');
    expect(container?.readinessProbe.httpGet.path).toBe('/readyz');
  });
});

/** The last stage: what becomes the image. */
const lastStage = (text: string): { readonly text: string; readonly user: string | undefined } => {
  const stage = text.slice(text.lastIndexOf('\nFROM '));
  return { text: stage, user: [...stage.matchAll(/^USER (\S+)$/gm)].at(-1)?.[1] };
};

describe('the image', () => {
  it('runs as a user that is not root, by its number', async () => {
    expect(lastStage(await read('Dockerfile')).user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  it('is asked how it is, and told when it has to end', async () => {
    const { text } = lastStage(await read('Dockerfile'));
    expect(text).toMatch(/^HEALTHCHECK [^]*\/healthz/m);
    expect(text).toMatch(/^STOPSIGNAL SIGTERM$/m);
    expect(text).toMatch(/^VOLUME \["\/var\/lib\/wrapkeeper"\]$/m);
  });

  it('is made of versions that are named, and of no script of a dependency', async () => {
    const text = await read('Dockerfile');
    expect(text).not.toMatch(/:latest\b/);
    expect(text).toMatch(/^ARG BASE=[a-z]+:\d[\w.-]*$/m);
    const bases = [...text.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
    expect(new Set(bases)).toEqual(new Set(['${BASE}']));
    const installs = text.match(/\bnpm (?:ci|install|i)\b.*/g) ?? [];
    expect(installs).toHaveLength(2);
    for (const install of installs) expect(install).toMatch(/^npm ci .*--ignore-scripts/);
    expect(lastStage(text).text).toContain('COPY --from=dependencies /app/node_modules');
  });

  it('finds everything that it copies, past .dockerignore', async () => {
    const root = path.dirname(DOCS);
    const ignore = await readFile(path.join(root, '.dockerignore'), 'utf8');
    const allowed = ignore.split('\n').filter((line) => line.startsWith('!'));
    expect(ignore).toMatch(/^\*$/m);
    const copied = [...(await read('Dockerfile')).matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
      ([, names = '']) => names.split(' '),
    );
    expect(allowed.toSorted()).toEqual([...new Set(copied)].map((name) => `!${name}`).toSorted());
    for (const name of copied) await access(path.join(root, name));
  });
});

describe('the unit of systemd', () => {
  const keys = async (): Promise<ReadonlyMap<string, readonly string[]>> => {
    const found = new Map<string, string[]>();
    for (const [, key = '', value = ''] of (await read('wrapkeeper.service')).matchAll(
      /^(\w+)=(.*)$/gm,
    ))
      found.set(key, [...(found.get(key) ?? []), value]);
    return found;
  };

  it('lets the service do little', async () => {
    const found = await keys();
    const demanded = {
      NoNewPrivileges: 'yes',
      CapabilityBoundingSet: '',
      ProtectSystem: 'strict',
      ProtectHome: 'yes',
      PrivateTmp: 'yes',
      PrivateDevices: 'yes',
      ProtectKernelTunables: 'yes',
      ProtectKernelModules: 'yes',
      ProtectControlGroups: 'yes',
      RestrictAddressFamilies: 'AF_INET AF_INET6 AF_UNIX',
      RestrictNamespaces: 'yes',
      RestrictSUIDSGID: 'yes',
      LockPersonality: 'yes',
      SystemCallArchitectures: 'native',
      UMask: '0077',
      StateDirectoryMode: '0700',
    };
    for (const [key, value] of Object.entries(demanded))
      expect(found.get(key), key).toEqual([value]);
    expect(found.get('SystemCallFilter')).toEqual(['@system-service', '~@privileged @resources']);
    expect(found.get('User')).toEqual(['wrapkeeper']);
    expect(found.has('MemoryMax')).toBe(true);
    // Node could not start, and nobody could tell that a lease is free.
    expect(found.has('MemoryDenyWriteExecute') || found.has('ProcSubset')).toBe(false);
  });

  it('waits for a drain, ends only the daemon by a signal, and starts it again', async () => {
    const found = await keys();
    expect(parseInt(found.get('TimeoutStopSec')?.[0] ?? '', 10)).toBeGreaterThan(DRAIN_SECONDS);
    expect(found.get('KillMode')).toEqual(['mixed']);
    expect(found.get('Restart')).toEqual(['on-failure']);
    expect(found.get('ExecReload')?.[0]).toMatch(/kill -HUP \$MAINPID$/);
  });

  it.skipIf(spawnSync('systemd-analyze', ['--version']).status !== 0)(
    'is understood by systemd',
    async () => {
      const place = await mkdtemp(path.join(tmpdir(), 'wrapkeeper-unit-'));
      try {
        const unit = path.join(place, 'wrapkeeper.service');
        const text = await read('wrapkeeper.service');
        // It also looks for the program, which may be elsewhere here.
        await writeFile(unit, text.replace('=/usr/bin/node ', `=${process.execPath} `));
        const args = ['verify', '--man=no', '--recursive-errors=no', unit];
        const { stderr } = await promisify(execFile)('systemd-analyze', args);
        expect(stderr).toBe('');
      } finally {
        await rm(place, { recursive: true });
      }
    },
  );
});
