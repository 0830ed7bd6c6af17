export {
  type ConcurrentSchedulerOptions,
  createConcurrentScheduler,
} from './scheduler/concurrent-scheduler.ts';
export type { SchedulerOptions } from './scheduler/create-scheduler.ts';
export type { FinishedTasksOptions } from './scheduler/finished-tasks.ts';
export type {
  ClosedScheduler,
  CloseOptions,
  PeriodicStatus,
  ScheduledTask,
  Scheduler,
  TaskRun,
  TaskStatus,
  TaskStatusName,
} from './scheduler/scheduler.ts';
export { createSequentialScheduler } from './scheduler/sequential-scheduler.ts';
export type { Task, TaskContext, TaskRetry, TaskWork } from './scheduler/task.ts';
export {
  InvalidSchedulerError,
  InvalidTaskError,
  SchedulerClosedError,
  TaskCancelledError,
  TaskExpiredError,
  TaskFailedError,
  TaskTimeoutError,
} from './scheduler/task-errors.ts';
