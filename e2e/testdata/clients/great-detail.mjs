// @great-detail/whatsapp, with its own option baseUrl. It leaves the version of the
// API out of its requests (ky 2 resolves their paths against baseUrl).
import { Client } from "@great-detail/whatsapp";

const headers = { Authorization: `Bearer ${process.env.BAUTA_TOKEN}` };
const client = new Client({ baseUrl: process.env.BAUTA_URL, graphVersion: "v25.0", request: { headers } });
const phoneNumberID = process.env.PHONE_NUMBER_ID;

const send = async (to, message) =>
  (await client.message.createMessage({ phoneNumberID, to, ...message }).json()).messages[0].id;

export async function receive(body, headers) {
  const event = await client.webhook.eventNotification({ method: "POST", query: {}, body, headers });
  await event.verifySignature(process.env.ENDPOINT_SECRET);
  const { messages: [message] = [], statuses: [status] = [] } = event.eventNotification.entry[0].changes[0].value;
  if (status) return { status: status.status, id: status.id, from: status.recipient_id ?? status.recipient_user_id };
  // The library hands on what was delivered as it is; whoever writes goes into to.
  const from = message.from ?? message.from_user_id;
  return { id: message.id, type: message.type, text: message.text?.body, medium: message.image?.id, from, who: from };
}

export const stranger = (handle) => handle;
export const sendText = (to, body, quoted) =>
  send(to, { type: "text", text: { body }, ...(quoted ? { context: { message_id: quoted } } : {}) });
export const react = (to, message_id, emoji) => send(to, { type: "reaction", reaction: { message_id, emoji } });
export const sendImage = (to, id) => send(to, { type: "image", image: { id } });
export const markRead = async (message_id) =>
  void (await client.message.createStatus({ phoneNumberID, message_id, status: "read" }).json());
export const type = async (message_id) =>
  void (await client.message.createStatus({ phoneNumberID, message_id, status: "read", typing_indicator: { type: "text" } }).json());
export const upload = async (file, filename) =>
  (await client.media.upload({ phoneNumberID, file, filename, mimeType: file.type }).json()).id;
export const lookUp = (mediaID) => client.media.getURL({ mediaID }).json();
// download begins without the client's headers, and takes them as an option.
export const download = async (mediaID, found) => (await client.media.download({ mediaURL: found.url, request: { headers } })).arrayBuffer();
// The errors are ky's: data is the body.
export const codeOf = (error) => error.data?.error?.code;
