// The newsroom's main job with the generated client alone: a commentary from its draft to its readers.
//
//   URL=http://127.0.0.1:8000 ANALYST=email:password COORDINATOR=email:password TRANSLATOR=email:password

import { randomUUID } from 'node:crypto';

import {
  createCommentary,
  getCommentary,
  getPublishedCommentary,
  getTranslationTask,
  listTranslationTasks,
  moveCommentary,
  moveTranslationTask,
  saveTranslation,
  signIn,
  type Commentary,
  type CommentaryTransition,
  type Problem,
  type TaskTransition,
  type TranslationTask,
} from 'editorial-client';
import { createClient, createConfig, type Client } from 'editorial-client/client';

const baseUrl = setting('URL');

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

/** The answer, or an error in the words of the problem. */
function fine<T>(result: { data?: T; error?: unknown }): T {
  if (result.data !== undefined) return result.data;
  const problem = result.error as Problem;
  throw new Error(`${problem.status} ${problem.code}: ${problem.detail}`);
}

/** A client that speaks for somebody. */
async function signedIn(name: string): Promise<Client> {
  const [email = '', password = ''] = setting(name).split(/:(.*)/s);
  const anonymous = createClient(createConfig({ baseUrl }));
  const tokens = fine(await signIn({ client: anonymous, body: { email, password } }));
  return createClient(createConfig({ baseUrl, auth: tokens.access_token }));
}

const etag = (version: number): string => `"${version}"`;

async function move(client: Client, text: Commentary, body: CommentaryTransition): Promise<Commentary> {
  const headers = { 'If-Match': etag(text.version), 'Idempotency-Key': randomUUID() };
  return fine(await moveCommentary({ client, path: { id: text.id }, headers, body }));
}

async function moveTask(client: Client, task: TranslationTask, body: TaskTransition): Promise<TranslationTask> {
  const headers = { 'If-Match': etag(task.version), 'Idempotency-Key': randomUUID() };
  return fine(await moveTranslationTask({ client, path: { id: task.id }, headers, body }));
}

const analyst = await signedIn('ANALYST');
const coordinator = await signedIn('COORDINATOR');
const translator = await signedIn('TRANSLATOR');

const key = randomUUID();
const draft = () =>
  createCommentary({
    client: analyst,
    headers: { 'Idempotency-Key': key },
    body: {
      week: '2024-W30',
      section: 'economy',
      source_language: 'en',
      target_languages: ['be'],
      trend: 'worse',
      title: 'Grain exports fall for the third month',
      lead: 'Prices held, volumes did not.',
      blocks: [{ type: 'paragraph', text: 'Ports handled **12 %** less than a month ago.' }],
    },
  });
let text = fine(await draft());
const again = fine(await draft());
if (again.id !== text.id) throw new Error('a request that was sent twice was carried out twice');

text = await move(analyst, text, { action: 'submit' });
text = await move(coordinator, text, { action: 'approve' });

const queue = fine(await listTranslationTasks({ client: translator, query: { commentary: text.id } }));
const waiting = queue.data[0];
if (waiting === undefined) throw new Error('no task is open');
let task = fine(await getTranslationTask({ client: translator, path: { id: waiting.id } }));
task = await moveTask(translator, task, { action: 'claim' });
task = fine(
  await saveTranslation({
    client: translator,
    path: { id: task.id },
    headers: { 'If-Match': etag(task.version) },
    body: {
      title: 'Экспарт збожжа падае трэці месяц запар',
      lead: 'Цэны ўстаялі, аб’ёмы — не.',
      blocks: Object.fromEntries(
        task.blocks.map((block) => [block.id, 'Порты апрацавалі на **12 %** менш, чым месяц таму.']),
      ),
    },
  }),
);
task = await moveTask(translator, task, { action: 'submit' });
await moveTask(coordinator, task, { action: 'accept' });

text = fine(await getCommentary({ client: coordinator, path: { id: text.id } }));
text = await move(coordinator, text, { action: 'publish' });
for (const { language, slug } of text.editions) {
  if (slug === null) throw new Error(`the edition in ${language} has no address`);
  const page = fine(
    await getPublishedCommentary({
      client: createClient(createConfig({ baseUrl })),
      path: { language, week: text.week, slug },
    }),
  );
  console.log(`${page.language} ${page.title}`);
}
