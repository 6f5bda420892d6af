package meta

// The platform's classes of errors that Bauta uses.
const (
	oauthException = "OAuthException"
	graphException = "GraphMethodException"
)

// The platform's texts that several faults share.
const (
	invalidParameter = "(#100) Invalid parameter"
	invalidValue     = "(#131009) Parameter value is not valid"
	somethingWrong   = "(#131000) Something went wrong"
)

// DetailsUnread is of an answer that came and is none, or that cannot be passed on.
const DetailsUnread = "The platform's answer could not be read. The call may have been carried out: wait for a status before you repeat it."

// callFaults lists what is wrong with a call itself: status, code, the platform's own
// text, and what to do. FaultNotFound reads the same for what never was and for what
// is another business's.
func callFaults() []Fault {
	return []Fault{
		{
			FaultUnauthorized, 401, 190, 0, oauthException, "Invalid OAuth access token",
			"The token is missing, unknown, expired or revoked. Send one that the operator of Bauta issued, as \"Authorization: Bearer\" or as the parameter access_token.",
		},
		{
			FaultWrongScope, 403, 200, 0, oauthException, "(#200) Permissions error",
			"The token does not open this part of the API. Ask the operator of Bauta for one with the scope of this call: messages, media, contacts, calls, templates, profile or groups.",
		},
		{
			FaultNotFound, 400, 100, 33, graphException,
			"Unsupported request. The object does not exist, cannot be loaded due to missing permissions, or does not support this operation",
			"The id in the path names nothing of this business. Use one of its phone number ids, accounts, media or declared groups.",
		},
		{
			FaultUnknownPath, 400, 2500, 0, oauthException, "Unknown path components",
			"Bauta does not know this call. Check the path, or ask the operator to open it (passthrough).",
		},
		{
			FaultRefusedPath, 400, 100, 0, oauthException, invalidParameter,
			"Bauta does not make this call: it belongs to the operator.",
		},
		{
			FaultBadParameter, 400, 100, 0, oauthException, invalidParameter,
			"The query has a parameter, or fields names a field, that this call does not take through Bauta. Leave it out.",
		},
		{
			FaultBadBody, 400, 100, 0, oauthException, invalidParameter,
			"The body cannot be read. Send one JSON object in UTF-8, or a form.",
		},
		{
			FaultTooLarge, 413, 100, 0, oauthException, invalidParameter,
			"The body is too large for this call. Send less.",
		},
		{
			FaultBadMediaType, 415, 100, 0, oauthException, invalidParameter,
			"The content type is none that this call takes. Send application/json or application/x-www-form-urlencoded, for uploads multipart/form-data.",
		},
		{
			FaultMethodNotAllowed, 405, 100, 0, oauthException, invalidParameter,
			"This path does not take this method. The header Allow lists those that it takes.",
		},
	}
}

// personFaults lists what is wrong with whom or what a call names. One text serves
// for who never was, who was erased, and who is another business's customer.
func personFaults() []Fault {
	return []Fault{
		{
			FaultUnknownHandle, 400, 131009, 0, oauthException, invalidValue,
			"The recipient is a handle of nobody. Use a handle as it came with an event of this business.",
		},
		{
			FaultRawRecipient, 400, 131030, 0, oauthException, "(#131030) Recipient phone number not in allowed list",
			"to is neither a handle of this business nor a number that it may see. Copy the handle from one of the customer's events.",
		},
		{
			FaultGroupHandle, 400, 131009, 0, oauthException, invalidValue,
			"The handle belongs to another chat. Use the handle that came with an event of this chat or group.",
		},
		{
			FaultUnknownMessage, 400, 131009, 0, oauthException, invalidValue,
			"The message id names no message of this business with this customer. Use an id as it came with an event or with an answer.",
		},
		{
			FaultUnknownMedium, 400, 131009, 0, oauthException, invalidValue,
			"A media id of the message names no medium that this business was sent or uploaded through Bauta. Upload it, or send a link.",
		},
		{
			FaultNeedsNumber, 400, 131062, 0, oauthException,
			"(#131062) Business-scoped User ID (BSUID) recipients are not supported for this message.",
			"Authentication templates go to phone numbers only, and none is known of this customer. Ask the customer to share it, or send another template.",
		},
		{
			FaultNeedsUserID, 400, 131009, 0, oauthException, invalidValue,
			"This call takes user ids only, and none is known of this customer yet. It comes with their next message.",
		},
		{
			FaultNoRecipient, 400, 131008, 0, oauthException, "(#131008) Required parameter is missing",
			"The call names no recipient. Put a handle into to or recipient.",
		},
		{
			FaultTwoRecipients, 400, 131009, 0, oauthException, invalidValue,
			"to and recipient name different customers. Send one of them, or the same handle in both.",
		},
	}
}

// outcomeFaults lists why a call was not made or has no answer.
func outcomeFaults() []Fault {
	return []Fault{
		{
			FaultRateLimited, 429, 4, 0, oauthException, "(#4) Application request limit reached",
			"Too many calls. Nothing was sent. Wait as the header Retry-After says.",
		},
		{
			FaultUnavailable, 503, 2, 0, oauthException, "(#2) Service temporarily unavailable",
			"Bauta or the platform cannot be reached. Nothing was sent. Repeat the call after the time that the header Retry-After says.",
		},
		{
			// Not 190, of which clients conclude that their own token is bad, and nothing
			// temporary, which they would repeat: the platform's code for what an app may not do
			// (webhooks.md 6.6).
			FaultPlatformToken, 500, 3, 0, oauthException, "(#3) Application does not have the capability to make this API call",
			"Meta refuses the access token that the operator of Bauta configured (access_token); Bauta's own token is fine. Nothing was sent. Ask the operator to renew it: repeating does not help before.",
		},
		{
			FaultOutcomeUnknown, 500, 131000, 0, oauthException, somethingWrong,
			"The platform did not answer in time. The call may have been carried out: wait for a status before you repeat it.",
		},
		{
			FaultBadAnswer, 502, 131000, 0, oauthException, somethingWrong,
			DetailsUnread,
		},
		{
			FaultKeyReused, 409, 100, 0, oauthException, invalidParameter,
			"The Idempotency-Key was used for another call within 24 hours. Use a new key for each call.",
		},
		{
			FaultKeyPending, 409, 100, 0, oauthException, invalidParameter,
			"A call with this Idempotency-Key is under way, or its outcome was lost. Repeat later with the same key, or wait for a status.",
		},
		{
			FaultMediaTooLarge, 413, 131053, 0, oauthException, "(#131053) Media upload error",
			"The file is too large. The platform takes 100 MB at most, less for most types.",
		},
		{
			FaultInternal, 500, 1, 0, oauthException, "(#1) An unknown error occurred",
			"Bauta failed. Nothing is known of the call's outcome. The operator finds it under fbtrace_id.",
		},
	}
}
