/** The simulated organization as promises look at it, and the administrator who edits it. */
import type { Simulator } from '../../src/simulator/simulator.js';
import type { Edit } from './script.js';
import type { OrgState, QueueState } from './trace.js';
import { FIRST, LAST, queueIdOf } from './world.js';
import type { World } from './world.js';

/** All queues as they are now. */
export const orgState = ({ state }: Simulator): OrgState =>
  new Map(
    state.queueNames().map((name) => {
      const queue = queueState(state, name);
      return [String(queue.document['id']), queue] as const;
    }),
  );

/** One queue as it is now, or null where it is gone. */
export const queueOf = ({ state }: Simulator, id: string): QueueState | null => {
  const name = state.queueNames().find((each) => state.queue(each).id === id);
  return name === undefined ? null : queueState(state, name);
};

/** The queues that are not what they were, with what they became; null where one is gone. */
export const changedQueues = (
  before: OrgState,
  after: OrgState,
): ReadonlyMap<string, QueueState | null> =>
  new Map(
    [...new Set([...before.keys(), ...after.keys()])].flatMap((id) => {
      const [was, is] = [before.get(id), after.get(id)];
      const isSame =
        was?.document === is?.document &&
        JSON.stringify([...(was?.codes ?? [])]) === JSON.stringify([...(is?.codes ?? [])]);
      return isSame ? [] : [[id, is ?? null] as const];
    }),
  );

const queueState = (state: Simulator['state'], name: string): QueueState => {
  const document = state.queue(name);
  const { wrapupPrompt = null, timeoutMs = null } = document.acwSettings ?? {};
  return {
    prompt: wrapupPrompt,
    timeoutMs,
    codes: new Set(state.codesOf(name).map((code) => state.code(code).id ?? '')),
    document,
  };
};

/** The name that a queue has by now, or null where it is gone. */
const nameNow = ({ state }: Simulator, world: World, name: string): string | null => {
  const id = queueIdOf(world, name);
  return state.queueNames().find((each) => state.queue(each).id === id) ?? null;
};

/** Makes an edit; one that has nothing left to change does nothing. */
export const makeEdit = (simulator: Simulator, world: World, edit: Edit, number: number): void => {
  const { admin, state } = simulator;
  const codes = state.codeNames();
  if ('queue' in edit) {
    const queue = nameNow(simulator, world, edit.queue);
    if (queue !== null) editQueue(simulator, queue, edit, number);
  } else if ('code' in edit) {
    if (edit.do === 'create-code') {
      if (!codes.includes(edit.code)) admin.createCode(edit.code);
    } else if (codes.includes(edit.code)) {
      if (edit.do === 'delete-code') admin.deleteCode(edit.code);
      else admin.renameCode(edit.code, `${edit.code} ${number}`);
    }
  } else if (edit.do === 'shift-queues') {
    if (state.queueNames().includes(FIRST)) {
      admin.deleteQueue(FIRST);
      admin.createQueue(LAST);
    }
  } else if (codes.includes(FIRST)) {
    admin.deleteCode(FIRST);
    admin.createCode(LAST);
  }
};

const editQueue = (
  { admin, state }: Simulator,
  queue: string,
  edit: Extract<Edit, { readonly queue: string }>,
  number: number,
): void => {
  switch (edit.do) {
    case 'add-code':
      if (state.codeNames().includes(edit.code)) admin.addCode(queue, edit.code);
      return;
    case 'remove-code':
      if (state.codeNames().includes(edit.code)) admin.removeCode(queue, edit.code);
      return;
    case 'set-work':
      admin.setAcw(queue, { wrapupPrompt: edit.prompt, timeoutMs: 20_000 + number });
      return;
    case 'call':
      admin.setActivity(queue, { interacting: edit.interacting });
      return;
    case 'describe':
      admin.editQueue(queue, { description: `Edit ${number}` });
      return;
    case 'rename-queue':
      admin.renameQueue(queue, `${queue} ${number}`);
      return;
    case 'delete-queue':
      admin.deleteQueue(queue);
  }
};
