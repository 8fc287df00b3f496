/** What goes wrong with the platform, and with the receiver of events. */
import type { FaultRequest } from '../../src/simulator/faults.js';
import type { Weather } from './script.js';
import type { Soak } from './soak.js';

const AUDITS = '/api/v2/audits/query';
const isApi = ({ path }: FaultRequest): boolean => path.startsWith('/api/');
const isWrite = ({ method, path }: FaultRequest): boolean =>
  isApi({ path } as FaultRequest) && method !== 'GET' && !path.startsWith(AUDITS);
const isRead = (request: FaultRequest): boolean => isApi(request) && !isWrite(request);

export const strike = async (soak: Soak, weather: Weather): Promise<void> => {
  const { clock, receiver } = soak;
  const { faults } = soak.simulator;
  switch (weather.do) {
    case 'throttle':
      faults.add({
        match: isApi,
        times: weather.times,
        effect: { kind: 'error', status: 429, retryAfterSeconds: weather.retryAfterSeconds },
      });
      return;
    case 'fail': {
      const { on, when, how, times } = weather;
      faults.add({
        match: on === 'reads' ? isRead : isWrite,
        times,
        effect: how === 'cut' ? { kind: 'cut', when } : { kind: 'error', status: how, when },
      });
      return;
    }
    case 'expire':
      soak.simulator.expireTokens();
      return;
    case 'receiver':
      receiver.mood = weather.answers;
      await clock.sleep(weather.forMs);
      receiver.mood = 'well';
      return;
    case 'slow':
    case 'lag':
    case 'no-audits':
    case 'no-realtime': {
      const lasting = faults.add(RULES[weather.do](weather.ms));
      await clock.sleep(weather.forMs);
      lasting.remove();
    }
  }
};

const RULES = {
  slow: (ms: number) => ({ match: isApi, effect: { kind: 'latency', ms } }) as const,
  lag: (ms: number) => ({ match: isRead, effect: { kind: 'lag', ms } }) as const,
  'no-audits': () =>
    ({
      match: ({ path }: FaultRequest) => path.startsWith(AUDITS),
      effect: { kind: 'error', status: 403 },
    }) as const,
  'no-realtime': () =>
    ({
      match: ({ path }: FaultRequest) => path === `${AUDITS}/realtime`,
      effect: { kind: 'error', status: 400 },
    }) as const,
};
