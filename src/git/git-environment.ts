/** The environment of a git that speaks as the person does, asks nobody, and heeds no configuration file. */
import type { RemoteAccess } from './carried-config.js';
import type { Environment } from './run-git.js';

type Config = readonly (readonly [key: string, value: string])[];

/**
 * Settings travel in the environment: arguments are shown to everybody who lists processes. They are
 * those of the person and ours, without the files that say more: what these say of line endings,
 * filters or hooks does not concern a repository of ours.
 *
 * @param globalFile stands in for the person's own file; mostly an empty one
 */
export const isolatedEnvironment = (
  access: Pick<RemoteAccess, 'config' | 'env'>,
  more: Config,
  globalFile: string,
): Environment => {
  const config: Config = [
    ...access.config,
    ...more,
    // A process that tidies up would outlive its caller.
    ['gc.auto', '0'],
    ['maintenance.auto', 'false'],
    ['protocol.version', '2'],
  ];
  return {
    ...askingNobody(access),
    GIT_CONFIG_GLOBAL: globalFile,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_COUNT: String(config.length),
    ...Object.fromEntries(
      config.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  };
};

/** Whatever asks a person would wait for ever where there is none. A script that answers for one may. */
const askingNobody = ({ env, config }: Pick<RemoteAccess, 'config' | 'env'>): Environment => {
  const hasOwnSsh =
    env['GIT_SSH'] !== undefined ||
    env['GIT_SSH_COMMAND'] !== undefined ||
    config.some(([key]) => key === 'core.sshcommand');
  return {
    GCM_INTERACTIVE: 'never',
    ...(hasOwnSsh ? {} : { GIT_SSH_COMMAND: 'ssh -o BatchMode=yes' }),
    ...env,
    GIT_TERMINAL_PROMPT: '0',
  };
};
