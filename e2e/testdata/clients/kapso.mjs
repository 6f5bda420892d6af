// @kapso/whatsapp-cloud-api, with its own option baseUrl.
// documented: begin
import { WhatsAppClient } from "@kapso/whatsapp-cloud-api";
import { normalizeWebhook, verifySignature } from "@kapso/whatsapp-cloud-api/server";

const client = new WhatsAppClient({
  baseUrl: process.env.BAUTA_URL, // instead of https://graph.facebook.com
  accessToken: process.env.BAUTA_TOKEN, // printed by bauta token issue
});
const phoneNumberId = process.env.PHONE_NUMBER_ID;

// In the shape bsuid the handle is in fromUserId, in the shape phone in from.
const address = (message) => ({ phoneNumberId, to: message.from, recipient: message.fromUserId });

function open(rawBody, headers) {
  const signatureHeader = headers["x-hub-signature-256"];
  if (!verifySignature({ appSecret: process.env.ENDPOINT_SECRET, rawBody, signatureHeader })) throw new Error("forged");
  return normalizeWebhook(JSON.parse(rawBody));
}

const answer = (message, body) =>
  client.messages.sendText({ ...address(message), body, contextMessageId: message.id });

const download = (mediaId) => client.media.download({ mediaId, auth: "always" });
// documented: end

const id = (sent) => sent.messages[0].id;

export async function receive(raw, headers) {
  const { messages: [message], statuses: [status] } = open(raw, headers);
  if (status) return { status: status.status, id: status.id, from: status.recipientId ?? status.recipientUserId };
  return {
    id: message.id, type: message.type, text: message.text?.body, medium: message.image?.id,
    from: message.from ?? message.fromUserId, who: message,
  };
}

export const stranger = (handle) => (handle.includes(".") ? { fromUserId: handle } : { from: handle });
export const sendText = async (who, body, quoted) =>
  id(await (quoted ? answer({ ...who, id: quoted }, body) : client.messages.sendText({ ...address(who), body })));
export const react = async (who, messageId, emoji) =>
  id(await client.messages.sendReaction({ ...address(who), reaction: { messageId, emoji } }));
export const sendImage = async (who, medium) => id(await client.messages.sendImage({ ...address(who), image: { id: medium } }));
export const markRead = async (messageId) => void (await client.messages.markRead({ phoneNumberId, messageId }));
export const type = async (messageId) =>
  void (await client.messages.markRead({ phoneNumberId, messageId, typingIndicator: { type: "text" } }));
export const upload = async (file, fileName) => (await client.media.upload({ phoneNumberId, type: file.type, file, fileName })).id;
export const lookUp = async (mediaId) => {
  const found = await client.media.get({ mediaId });
  return { ...found, mime_type: found.mimeType };
};
export { download };
export const codeOf = (error) => (error.name === "GraphApiError" ? error.code : undefined);
