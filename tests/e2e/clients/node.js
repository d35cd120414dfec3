// tests/e2e/clients/node.js: the agent in Node: commands come and results go as lines of JSON.
import readline from "node:readline";
import WebSocket from "ws";
import { act } from "./agent.js";

globalThis.KirokuWebSocket = WebSocket;
readline.createInterface({ input: process.stdin }).on("line", async (line) => {
  process.stdout.write(JSON.stringify(await act(JSON.parse(line))) + "\n");
}).on("close", () => process.exit(0));
