import type { ExitCode } from '../domain/codes.js';
import type { Session } from './session.js';
export interface DoctorOptions {
  readonly region?: string;
}
export const runDoctor = (_s: Session, _o: DoctorOptions): Promise<ExitCode> => Promise.resolve(0);
