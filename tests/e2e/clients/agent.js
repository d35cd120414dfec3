// tests/e2e/clients/agent.js: does with the TypeScript client what a test says, in Node and in browsers alike.
import { Kiroku } from "./client/index.js";

const clients = new Map();
const tokensTold = new Map();
const lives = new Map();

function answerOf(answer) {
  const { status, body, position, replayed, requestId, etag } = answer;
  return { status, body, position, replayed, requestId, etag };
}

const acts = {
  client({ client, url, settings }) {
    clients.set(client, new Kiroku(url, { ...settings, onTokens: (tokens) => void tokensTold.set(client, tokens) }));
  },
  async call({ client, method, args }) {
    return answerOf(await clients.get(client)[method](...args));
  },
  async aborted({ client, method, args, ms }) {
    const abort = new AbortController();
    setTimeout(() => abort.abort(new DOMException("enough", "AbortError")), ms);
    return answerOf(await clients.get(client)[method](...args, { signal: abort.signal }));
  },
  async collect({ client, method, args, most }) {
    const all = [];
    for await (const item of clients.get(client)[method](...args)) if (all.push(item) >= most) break;
    return all;
  },
  tokens({ client }) {
    return clients.get(client).login.current ?? null;
  },
  changed({ client }) {
    return tokensTold.get(client);
  },
  realtime({ client, live, settings }) {
    const heard = [];
    const onState = (state, code) => heard.push({ state, code: code ?? null });
    const onMessage = (message) => heard.push({ message });
    lives.set(live, { heard, subscriptions: {}, rooms: {}, realtime: clients.get(client).realtime({ WebSocket: globalThis.KirokuWebSocket, ...settings, onState, onMessage }) });
  },
  async subscribe({ live, channel, since }) {
    const { heard, subscriptions, realtime } = lives.get(live);
    const listener = { event: (event) => heard.push({ channel, event }), missed: () => heard.push({ missed: channel }) };
    subscriptions[channel] = realtime.subscribe(channel, listener, since ?? undefined);
    await subscriptions[channel].ready;
  },
  async publish({ live, message, options }) {
    const { id, answer, position, replayed } = await lives.get(live).realtime.publish(message, options);
    return { id, answer: answer ?? null, position: position ?? null, replayed };
  },
  async join({ live, challenge }) {
    const { heard, rooms, realtime } = lives.get(live);
    const changed = (members) => heard.push({ room: challenge, members: members.map((member) => member.userId) });
    const typing = (userIds) => heard.push({ room: challenge, typing: userIds });
    rooms[challenge] = realtime.join(challenge, { changed, typing });
    await rooms[challenge].ready;
  },
  room({ live, challenge }) {
    const { members, typing } = lives.get(live).rooms[challenge];
    return { members, typing };
  },
  showTyping({ live, challenge }) {
    return lives.get(live).rooms[challenge].showTyping();
  },
  leave({ live, challenge }) {
    lives.get(live).rooms[challenge].leave();
  },
  heard({ live }) {
    return lives.get(live).heard;
  },
  position({ live, channel }) {
    return lives.get(live).subscriptions[channel].position;
  },
  stop({ live, channel }) {
    lives.get(live).subscriptions[channel].stop();
  },
  close({ live }) {
    lives.get(live).realtime.close();
  },
};

function errorOf({ name, message, status, code, details, requestId, retryable }) {
  return { name, message, status, code, details, requestId, retryable };
}

/** {id, do, …} → {id, result} or {id, error}. */
export async function act(command) {
  try {
    return { id: command.id, result: (await acts[command.do](command)) ?? null };
  } catch (error) {
    return { id: command.id, error: errorOf(error) };
  }
}
