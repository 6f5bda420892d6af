// Package graph is the client of the platform's Graph API: look-ups of ads, the
// calls that a business makes through Bauta, downloads of media, and what Bauta
// itself needs to know of accounts.
//
// Two rules hold everywhere. The access token travels in the Authorization header
// alone, to graph_url and the platform's media host alone. And an error says
// nothing of the answer's text, the URL or the token; it says whether the request
// may have reached the platform (Error.MaybeSent), because a message is repeated
// only where the platform says that nothing was sent.
//
// Breakers: one for the look-ups of ads, one for each object that failed of late,
// one for the uploads of each phone number, one for each host of media. What one
// business's token may not do, or what does not exist, is an answer and opens none.
//
// Facts: webhooks.md 6 (calls, answers, codes), 6.5 (media), 7 (look-up of an ad),
// 1.5 (callback overrides), identity.md 2.4.
package graph
