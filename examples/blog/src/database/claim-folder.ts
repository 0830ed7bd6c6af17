import { readFile, rm, writeFile } from 'node:fs/promises';

/**
 * Makes sure that no other process has the folder, which two of them would spoil. Who was killed has it no more.
 *
 * @returns how to give it back
 */
export async function claimFolder(folder: string): Promise<() => Promise<void>> {
  const file = `${folder}.pid`;
  while (!(await created(file))) {
    const pid = Number(await readFile(file, 'utf8').catch(() => ''));
    if (pid !== process.pid && isRunning(pid)) {
      throw new Error(
        `Process ${pid} has the views in ${folder}. Stop it, set DATABASE_URL so that processes share them, or give ` +
          `this one its own PIPIT_DATA_DIR. If that process is something else, delete ${file}.`,
      );
    }
    await rm(file, { force: true });
  }
  return () => rm(file, { force: true });
}

async function created(file: string): Promise<boolean> {
  try {
    await writeFile(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
