/**
 * A small disk of its own for a server's data, that can be filled and freed: a tmpfs of fixed size.
 * It needs root; the whole run is in a mount namespace of its own (`main.ts`), so that the disk goes
 * with the last process, whatever ends the run.
 */
import { execFile } from 'node:child_process';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export type Disk = AsyncDisposable & {
  readonly folder: string;
  /** Takes all that is left, to the last block; the folder's other files stay. */
  readonly fill: () => Promise<void>;
  readonly free: () => Promise<void>;
};

const run = promisify(execFile);
const stepBytes = 256 * 1024;

export async function openDisk(folder: string, megabytes: number): Promise<Disk> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0755`, 'tmpfs', folder]);
  const filler = join(folder, 'filler');
  return {
    folder,
    async fill() {
      await using file = await open(filler, 'a', 0o600);
      // in smaller and smaller pieces, so that not one block is left
      for (let bytes = stepBytes; bytes >= 1; bytes = Math.floor(bytes / 16)) {
        const piece = Buffer.alloc(bytes);
        while (await wrote(file, piece));
      }
    },
    free: () => rm(filler, { force: true }),
    async [Symbol.asyncDispose]() {
      await run('umount', ['-l', folder]).catch(() => undefined);
    },
  };
}

async function wrote(
  file: { readonly write: (bytes: Buffer) => Promise<{ readonly bytesWritten: number }> },
  piece: Buffer,
): Promise<boolean> {
  try {
    return (await file.write(piece)).bytesWritten === piece.length;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false;
    throw error;
  }
}
