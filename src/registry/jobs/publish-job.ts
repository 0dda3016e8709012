import type { InteractionContext } from '../../interaction/context.ts';
import { updateResource } from '../../interaction/update-resource.ts';
import type { Job } from '../../job/job.ts';
import { parseResourceId } from '../../values/resource-id.ts';
import { toTask } from './job-task.ts';

/** Writes the Task of a job, so that clients see and search it like any other. `ctx` is the server's own. */
export async function publishJob(ctx: InteractionContext, job: Job): Promise<void> {
  const id = parseResourceId(job.id);
  if (id === undefined) throw new Error(`the job ${job.id} has no id that a Task could have`);
  const resource = toTask(job) as never;
  await updateResource(ctx, { type: 'Task', id }, { resource, exactNumbers: false });
}
