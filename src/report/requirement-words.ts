/** Rows of the requirement matrix, and what changes about them, in the words of the reports. */
import { BYPASSES, openBypasses } from '../domain/requirement.js';
import type { Bypass, Enforcement, JudgedRequirement, Requirement } from '../domain/requirement.js';

/** What the words for who sees to a row mean. */
export const ENFORCEMENT_MEANS: Readonly<Record<Enforcement, string>> = {
  enforced: 'the prompt MANDATORY sees to it',
  gateway: 'it is written to the gateway',
  advisory: 'nothing enforces it; it is checked and reported',
};

const WAYS: Readonly<Record<keyof Bypass, string>> = {
  selfAssignment: 'self-assignment',
  supervisorAssignment: 'supervisor assignment',
  agentAssignment: 'agent assignment',
  transfer: 'transfer',
  wrapup: 'wrap-up',
  postCallWork: 'post-call work',
};

/** @example waysText(['transfer', 'wrapup']) // 'transfer, wrap-up' */
export const waysText = (flags: readonly (keyof Bypass)[]): string =>
  flags.map((flag) => WAYS[flag]).join(', ');

/**
 * What a row says; empty for one that says nothing.
 *
 * @example 'required; may be bypassed by transfer, wrap-up'
 */
export const rowText = ({ required, bypass }: Requirement): string => {
  const ways = openBypasses(bypass);
  return [
    ...(required ? ['required'] : []),
    ...(ways.length > 0 ? [`may be bypassed by ${waysText(ways)}`] : []),
  ].join('; ');
};

/**
 * What a row says, and who sees to it; empty for one that says nothing.
 *
 * @example 'required (enforced); may be bypassed by transfer (advisory)'
 */
export const judgedRowText = ({ bypass, requiredIs, bypassIs }: JudgedRequirement): string =>
  [
    ...(requiredIs === null ? [] : [`required (${requiredIs})`]),
    ...(bypassIs === null ? [] : [`${rowText({ required: false, bypass })} (${bypassIs})`]),
  ].join('; ');

/**
 * What another row changes; `from` is null where the row that was read is not understood.
 *
 * @example 'now required; may no longer be bypassed by wrap-up'
 */
export const rowChangeText = (from: Requirement | null, to: Requirement): string => {
  if (from === null) return `not understood → ${rowText(to) || 'not required'}`;
  const gained = BYPASSES.filter((flag) => to.bypass[flag] && !from.bypass[flag]);
  const lost = BYPASSES.filter((flag) => from.bypass[flag] && !to.bypass[flag]);
  return [
    ...(to.required === from.required ? [] : [to.required ? 'now required' : 'no longer required']),
    ...(gained.length > 0 ? [`may now be bypassed by ${waysText(gained)}`] : []),
    ...(lost.length > 0 ? [`may no longer be bypassed by ${waysText(lost)}`] : []),
  ].join('; ');
};
