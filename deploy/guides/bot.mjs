// A whole bot: it answers whoever writes, without learning a number. Node 18 or later, no packages.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const { BAUTA_URL, BAUTA_TOKEN, ENDPOINT_SECRET, PORT = "7099" } = process.env;
if (!BAUTA_URL || !BAUTA_TOKEN || !ENDPOINT_SECRET) throw new Error("set BAUTA_URL, BAUTA_TOKEN and ENDPOINT_SECRET");

// Only Bauta and the bot know the secret. What is signed are the bytes as they came.
function genuine(raw, signature = "") {
  const want = Buffer.from("sha256=" + createHmac("sha256", ENDPOINT_SECRET).update(raw).digest("hex"));
  const got = Buffer.from(signature);
  return got.length === want.length && timingSafeEqual(got, want);
}

// The same key sends the same answer once, also if the delivery comes again.
async function answer(phoneNumberId, message, key) {
  const handle = message.from_user_id ?? message.from; // in the shape bsuid, in the shape phone
  const response = await fetch(`${BAUTA_URL}/v25.0/${phoneNumberId}/messages`, {
    method: "POST",
    headers: { Authorization: `Bearer ${BAUTA_TOKEN}`, "Content-Type": "application/json", "Idempotency-Key": key },
    body: JSON.stringify({ messaging_product: "whatsapp", to: handle, type: "text", text: { body: `You wrote: ${message.text.body}` } }),
  });
  if (!response.ok) throw new Error(`not answered: ${await response.text()}`);
  console.log(`answered ${handle}`);
}

async function take(event, key) {
  if (event.type) console.log(`${event.type} ${event.data.handle}`); // Bauta's own, such as number_shared
  for (const { value } of event.entry?.flatMap((entry) => entry.changes) ?? []) {
    for (const message of value.messages ?? []) {
      if (message.type === "text") await answer(value.metadata.phone_number_id, message, key);
    }
  }
}

// 2xx says that the event is dealt with; after anything else Bauta sends it again.
createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const raw = Buffer.concat(parts);
  if (!genuine(raw, request.headers["x-hub-signature-256"])) return response.writeHead(401).end();
  try {
    await take(JSON.parse(raw), request.headers["webhook-id"]);
    response.end();
  } catch (error) {
    console.error(error.message);
    response.writeHead(500).end();
  }
}).listen(PORT, "127.0.0.1", () => console.log(`listening at http://127.0.0.1:${PORT}`));
