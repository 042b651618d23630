import type { FollowTaskOptions } from "./options";
import { FollowedTask, type TaskFollower } from "./task-follower";

/**
 * Follows a task to its end: subscribes to its event source, from its initial cursor, and goes on asking `tasks/get`,
 * at the task's own interval while no events come and seldom while they do. A subscription that fails or ends is not a
 * failed task (TASK-1). Following begins with the call; the first state is the one the task was created with.
 *
 * The iterator throws WireError when the server does not know the task, or what failed `maxFailures` times.
 *
 * @throws EventsError `option_invalid` naming the field.
 */
export function followTask(options: FollowTaskOptions): TaskFollower {
  return new FollowedTask(options);
}
