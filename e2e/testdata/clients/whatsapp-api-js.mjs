// whatsapp-api-js. It knows one host only, and has the option ponyfill.fetch for
// what fetches: that is where its requests get another base URL.
const { WhatsAppAPI } = await import(process.env.LIBRARY);
const { Image, Reaction, Text } = await import(`${process.env.LIBRARY}/messages`);

const client = new WhatsAppAPI({
  token: process.env.BAUTA_TOKEN,
  appSecret: process.env.ENDPOINT_SECRET,
  v: "v25.0",
  ponyfill: { fetch: (url, options) => fetch(String(url).replace("https://graph.facebook.com", process.env.BAUTA_URL), options) },
});
const phoneID = process.env.PHONE_NUMBER_ID;

// Until 5 the library knows numbers only: from. Since 6 it gives a recipient too,
// made to be handed back.
client.on.message = ({ from, recipient, message }) => ({
  id: message.id, type: message.type, text: message.text?.body, medium: message.image?.id, from, who: recipient ?? from,
});
client.on.status = ({ phone, id, status }) => ({ status, id, from: phone });

// An error of the platform is no exception here, but a part of the answer.
class Refused extends Error {}
const accepted = (answer) => {
  if (answer.error) throw Object.assign(new Refused(answer.error.message), { code: answer.error.code });
  return answer;
};
const send = async (who, message, quoted) => accepted(await client.sendMessage(phoneID, who, message, quoted)).messages[0].id;

export const receive = (raw, headers) => client.post(JSON.parse(raw), raw, headers["x-hub-signature-256"]);
export const stranger = (handle) => handle;
export const sendText = (who, body, quoted) => send(who, new Text(body), quoted);
export const react = (who, messageID, emoji) => send(who, new Reaction(messageID, emoji));
export const sendImage = (who, id) => send(who, new Image(id, true));
export const markRead = async (messageID) => void accepted(await client.markAsRead(phoneID, messageID));
export const type = async (messageID) => void accepted(await client.markAsRead(phoneID, messageID, "text"));
export async function upload(file, name) {
  const form = new FormData();
  form.set("file", file, name);
  return accepted(await client.uploadMedia(phoneID, form)).id;
}
export const lookUp = async (id) => accepted(await client.retrieveMedia(id));
export const download = async (_, found) => (await client.fetchMedia(found.url)).arrayBuffer();
export const codeOf = (error) => (error instanceof Refused ? error.code : undefined);
