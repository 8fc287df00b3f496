/** People at the vendor's own screens. What is not there any more is made anew. */
import type { HandEdit } from './script.js';
import type { Soak } from './soak.js';
import { familyOf } from './wishes.js';

export const makeHandEdit = async (soak: Soak, edit: HandEdit): Promise<void> => {
  if (edit.do === 'rename-code') return soak.alone(() => renameForAWhile(soak, edit));
  const { admin, state } = soak.simulator;
  if (edit.do === 'create-queue') {
    if (!state.queueNames().includes(edit.name)) admin.createQueue(edit.name);
    return;
  }
  const { queue } = edit;
  if (!state.queueNames().includes(queue)) {
    admin.createQueue(queue);
    return;
  }
  switch (edit.do) {
    case 'add-code':
      if (state.codeNames().includes(edit.code)) admin.addCode(queue, edit.code);
      return;
    case 'remove-code':
      if (state.codesOf(queue).includes(edit.code)) admin.removeCode(queue, edit.code);
      return;
    case 'set-work':
      admin.setAcw(queue, { wrapupPrompt: 'MANDATORY_TIMEOUT', timeoutMs: edit.timeoutMs });
      return;
    case 'rename-queue':
      // Now it leaves its family, now it stays.
      if (familyOf(queue) !== null)
        admin.renameQueue(
          queue,
          `${soak.chance() < 0.5 ? '' : 'Loose '}${queue} ${soak.clock.now()}`,
        );
      return;
    case 'delete-queue':
      if (familyOf(queue) !== null) admin.deleteQueue(queue);
  }
};

const renameForAWhile = async (
  { clock, simulator, renamed }: Soak,
  { code, forMs }: Extract<HandEdit, { readonly do: 'rename-code' }>,
): Promise<void> => {
  const { admin, state } = simulator;
  renamed.add(state.code(code).id ?? '');
  admin.renameCode(code, `${code} renamed`);
  await clock.sleep(forMs);
  admin.renameCode(`${code} renamed`, code);
};
