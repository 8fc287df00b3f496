/** The many fields of a real queue that nobody manages here, so that a careless write loses them visibly. */
import { QUEUE_DEFAULTS } from './queue-document.js';
import { between, pick, seededRandom, uuidOf } from './random.js';

/** Fields that depend on the queue's id alone. `defaultMediaLanguage` stands in no published contract. */
export const seededFields = (queue: {
  readonly id: string;
  readonly name: string;
}): Record<string, unknown> => {
  const random = seededRandom(Number.parseInt(queue.id.slice(0, 8), 16));
  const reference = (kind: string) => ({
    id: uuidOf(queue.id, kind),
    name: `${queue.name} ${kind}`,
  });
  const group = (kind: string) => ({
    id: uuidOf(queue.id, kind),
    name: `${queue.name} ${kind}`,
    type: 'GROUP',
  });
  const media = (alertingTimeoutSeconds: number, durationMs: number) => ({
    enableAutoAnswer: random() < 0.3,
    alertingTimeoutSeconds,
    serviceLevel: { percentage: between(random, 7, 9) / 10, durationMs },
  });
  const members = between(random, 4, 60);
  const domain = { id: 'support.example.org', name: 'support.example.org' };
  return {
    ...QUEUE_DEFAULTS,
    description: `Interactions of ${queue.name}`,
    memberCount: members,
    userMemberCount: members,
    joinedMemberCount: between(random, 1, members),
    mediaSettings: {
      call: media(8, 20_000),
      callback: { ...media(30, 60_000), mode: 'AgentFirst', autoDialDelaySeconds: 300 },
      chat: media(16, 20_000),
      email: media(300, 86_400_000),
      message: {
        ...media(30, 30_000),
        subTypeSettings: { webmessaging: { enableAutoAnswer: true } },
      },
    },
    routingRules: [{ operator: 'MEETS_THRESHOLD', threshold: 9, waitSeconds: 2.5 }],
    conditionalGroupRouting: {
      rules: [
        {
          metric: 'EstimatedWaitTime',
          operator: 'GreaterThan',
          conditionValue: 120,
          waitSeconds: 20,
          groups: [group('overflow')],
        },
        {
          queue: { id: uuidOf(queue.id, 'backup queue'), selfUri: '/api/v2/routing/queues/backup' },
          metric: 'ServiceLevel',
          operator: 'LessThan',
          conditionValue: 80,
          waitSeconds: 30,
          groups: [group('second line')],
        },
      ],
    },
    bullseye: {
      rings: [
        {
          expansionCriteria: [{ type: 'TIMEOUT_SECONDS', threshold: between(random, 10, 60) }],
          actions: { skillsToRemove: [reference('skill')] },
          memberGroups: [group('first ring')],
        },
      ],
    },
    scoringMethod: pick(random, ['TimestampAndPriority', 'PriorityOnly']),
    lastAgentRoutingMode: 'QueueMembersOnly',
    acwSettings: { wrapupPrompt: 'OPTIONAL' },
    skillEvaluationMethod: pick(random, ['BEST', 'ALL']),
    queueFlow: reference('in-queue flow'),
    emailInQueueFlow: reference('e-mail flow'),
    messageInQueueFlow: reference('message flow'),
    whisperPrompt: reference('whisper'),
    onHoldPrompt: reference('hold music'),
    autoAnswerOnly: false,
    cannedResponseLibraries: { mode: 'SelectedOnly', libraryIds: [uuidOf(queue.id, 'library')] },
    enableTranscription: true,
    enableAudioMonitoring: random() < 0.5,
    enableManualAssignment: true,
    suppressInQueueCallRecording: false,
    agentOwnedRouting: {
      enableAgentOwnedCallbacks: true,
      maxOwnedCallbackHours: 48,
      maxOwnedCallbackDelayHours: 72,
    },
    directRouting: {
      callMediaSettings: { useAgentAddressOutbound: true },
      waitForAgent: true,
      agentWaitSeconds: 120,
    },
    callingPartyName: queue.name,
    callingPartyNumber: `+1555${String(between(random, 0, 9_999_999)).padStart(7, '0')}`,
    defaultScripts: { CALL: reference('script') },
    outboundEmailAddress: {
      domain,
      route: { id: uuidOf(queue.id, 'route'), pattern: 'support', fromName: queue.name },
    },
    defaultMediaLanguage: pick(random, ['en-US', 'de-DE', 'ja-JP']),
  };
};
