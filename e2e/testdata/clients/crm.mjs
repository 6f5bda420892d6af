// A CRM as a business has one: it takes deliveries, and holds the whole
// conversation with whoever wrote, by the calls of one published client library
// (CLIENT names the module that adapts it). Nothing here knows Bauta.
//
// It says on stdout, one JSON line each, on which port it listens, and how every
// step went: {on, step, ok, detail, id}. It ends when its stdin does.
import { createHash } from "node:crypto";
import { createServer } from "node:http";

const client = await import(`./${process.env.CLIENT}.mjs`);

const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");
const sha256 = (bytes) => createHash("sha256").update(new Uint8Array(bytes)).digest("hex");

// step makes one call and says how it went; what the library raises is told by
// the platform's code in it, where it has one.
async function step(on, name, call) {
  try {
    const { detail = "", id = "", ...kept } = (await call()) ?? {};
    say({ on, step: name, ok: true, detail, id });
    return kept;
  } catch (error) {
    say({ on, step: name, ok: false, detail: String(client.codeOf(error) ?? error), id: "" });
    return {};
  }
}

async function converse(on, message) {
  const { who } = message;
  await step(on, "answer", async () => ({ id: await client.sendText(who, "At nine") }));
  await step(on, "quote", async () => ({ id: await client.sendText(who, "At ten", message.id) }));
  await step(on, "react", async () => ({ id: await client.react(who, message.id, "👍") }));
  const { medium } = await step(on, "upload", async () => {
    const medium = await client.upload(new Blob(["a picture"], { type: "image/png" }), "picture.png");
    return { id: medium, medium };
  });
  await step(on, "send medium", async () => ({ id: await client.sendImage(who, medium) }));
  await step(on, "closed window", () => client.sendText(who, "error 131047"));
  await step(on, "stranger", () => client.sendText(client.stranger(process.env.STRANGER), "Hi"));
  await step(on, "read", () => client.markRead(message.id));
  await step(on, "typing", () => client.type(message.id));
}

async function fetchMedium(on, message) {
  const { found } = await step(on, "look up", async () => {
    const found = await client.lookUp(message.medium);
    return { detail: found.mime_type, found };
  });
  await step(on, "download", async () => ({ detail: sha256(await client.download(message.medium, found)) }));
}

// take works through one delivery.
async function take(raw, headers) {
  const forged = raw.replace("whatsapp", "whatsupp");
  await step("delivery", "refuse forged", async () => {
    if (await client.receive(forged, headers).then((event) => event, () => undefined)) throw new Error("a changed body was taken");
  });
  let event;
  await step("delivery", "verify", async () => {
    event = await client.receive(raw, headers);
    if (!event) throw new Error("not verified");
  });
  if (event?.status) {
    say({ on: "status", step: event.status, ok: Boolean(event.from), detail: String(event.from), id: event.id });
  } else if (event?.type) {
    const on = event.type === "text" ? event.text : event.type;
    say({ on, step: "sender", ok: Boolean(event.from), detail: String(event.from), id: event.id });
    await (event.medium ? fetchMedium(on, event) : converse(on, event));
    say({ on, step: "end", ok: true, detail: "", id: "" });
  } else {
    say({ on: "delivery", step: "end", ok: false, detail: "it could not be read", id: "" });
  }
}

// Deliveries are answered at once, and worked through one after another.
let last = Promise.resolve();
const server = createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  response.end();
  last = last.then(() => take(Buffer.concat(parts).toString("utf8"), request.headers));
});
server.listen(0, "127.0.0.1", () => say({ port: server.address().port }));
process.stdin.resume().on("end", () => process.exit(0));
