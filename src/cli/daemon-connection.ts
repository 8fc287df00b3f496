/** The connection of a daemon: it lasts, and each pass ends its own reading. */
import type { OrgConnection } from '../daemon/parts.js';
import type { Settings } from '../policy/settings.js';
import { openConnection } from './connection.js';
import type { Session } from './session.js';
import { followSignals } from './stop.js';

interface Asked {
  readonly settings: Settings;
  readonly region: string | null;
  /** Ends everything at once. */
  readonly signal: AbortSignal;
  readonly beforeWrite: () => Promise<void>;
  readonly mayWrite: boolean;
}

export const openDaemonConnection = async (
  session: Session,
  asked: Asked,
): Promise<OrgConnection> => {
  const { inScope } = await import('../genesys/scope.js');
  const connection = await openConnection(session, { ...asked, status: null });
  return {
    ...connection,
    endingWith: async (signal, work) => {
      const ending = followSignals([signal, asked.signal]);
      try {
        return await inScope({ signal: ending.signal }, work);
      } finally {
        ending.letGo();
      }
    },
  };
};
