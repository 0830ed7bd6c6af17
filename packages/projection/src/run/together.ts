/**
 * Waits for all tasks; the first that fails makes the others end. What they reject with because they were made to is no
 * failure.
 */
export async function together(
  tasks: readonly Promise<void>[],
  ending: AbortSignal,
  end: () => void,
): Promise<void> {
  const failures: unknown[] = [];
  await Promise.all(
    tasks.map((task) =>
      task.catch((error: unknown) => {
        if (ending.aborted && error === ending.reason) return;
        failures.push(error);
        end();
      }),
    ),
  );
  if (failures.length > 0) throw failures[0];
}
