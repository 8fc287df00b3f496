import { AppError } from '../../src/domain/errors.js';

/** The AppError that an action throws; anything else fails the test. */
export const thrownBy = async (action: () => unknown): Promise<AppError> => {
  try {
    await action();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};
