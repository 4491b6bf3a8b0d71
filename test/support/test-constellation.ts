/** A hub and nodes as processes, on databases of this run that go with the stack. */
import { type Constellation, openConstellation } from '../constellation/constellation.ts';
import { openTestDatabase } from './database.ts';

/** `directory`: for keys and logs. */
export async function openTestConstellation(
  stack: AsyncDisposableStack,
  directory: string,
): Promise<Constellation> {
  const createDatabase = async (): Promise<string> => stack.use(await openTestDatabase()).url;
  return stack.use(await openConstellation({ directory, createDatabase }));
}
