package simulator

import (
	"fmt"
	"net/http"
)

// Codes of the platform's errors that the stand-in finds by itself (webhooks.md
// 6.6). Every other documented code is answered on request only.
const (
	codeToken         = 190
	codeParameter     = 100
	codeNoPath        = 2500
	codeThroughput    = 130429
	codeBlocked       = 130403
	codeMissing       = 131008
	codeValue         = 131009
	codeUndeliverable = 131026
	codeWindow        = 131047
	codeType          = 131051
	codeMedia         = 131053
	codePair          = 131056
	codeNeedsNumber   = 131062
	codeNoTemplate    = 132001
	codeBlockList     = 139100
	// subcodeObject: the object does not exist, or the token cannot see it.
	subcodeObject = 33
)

// fault is what the documents say of an error's code.
type fault struct {
	status int
	title  string
}

// documentedFaults are the codes of webhooks.md 6.6 with their HTTP status. Where
// the documents give none it is 400.
func documentedFaults() map[int]fault {
	faults := map[int]fault{}
	add := func(status int, titles map[int]string) {
		for code, title := range titles {
			faults[code] = fault{status, title}
		}
	}
	add(http.StatusUnauthorized, map[int]string{0: "AuthException", codeToken: "Access token has expired"})
	add(http.StatusForbidden, map[int]string{
		10: "Permission denied", 200: "API permission", 368: "Temporarily blocked for policies violations",
		130497: "Business account is restricted from messaging users in this country",
		131005: "Access denied", 131031: "Account has been locked",
	})
	add(http.StatusNotFound, map[int]string{codeNoTemplate: "Template does not exist"})
	add(http.StatusPartialContent, map[int]string{131201: "Some participants could not be changed"})
	add(http.StatusInternalServerError, map[int]string{
		3: "API method", 131000: "Something went wrong", 131016: "Service unavailable", 131045: "Incorrect certificate",
		131057: "Account in maintenance mode",
	})
	add(http.StatusServiceUnavailable, map[int]string{2: "API service", 133004: "Server temporarily unavailable"})
	add(http.StatusBadRequest, map[int]string{
		1: "API unknown", 4: "API too many calls", 33: "Parameter value is not valid", codeParameter: "Invalid parameter",
		codeNoPath: "Unknown path components", 80007: "Rate limit issues",
		codeBlocked: "The user is blocked", codeThroughput: "Rate limit hit", 130472: "User's number is part of an experiment",
		codeMissing: "Required parameter is missing", codeValue: "Parameter value is not valid", 131020: "Group error",
		131021: "Recipient cannot be sender", codeUndeliverable: "Message undeliverable",
		131030: "Recipient phone number not in allowed list", 131037: "Display name approval needed", 131041: "Group error",
		131042: "Business eligibility payment issue", codeWindow: "Re-engagement message", 131048: "Spam rate limit hit",
		131049: "Message not delivered to maintain healthy ecosystem engagement", 131050: "User has stopped marketing messages",
		codeType: "Unsupported message type", 131052: "Media download error", codeMedia: "Media upload error",
		codePair:        "(Business Account, Consumer Account) pair rate limit hit",
		codeNeedsNumber: "Business-scoped User ID (BSUID) recipients are not supported for this message.",
		131064:          "Template classification limit", 131202: "Group error", 131204: "Group error", 131207: "Group error",
		132000: "Template Param Count Mismatch", 132005: "Template Hydrated Text Too Long",
		132007: "Template Format Character Policy Violated", 132012: "Template Parameter Format Mismatch",
		132015: "Template is Paused", 132016: "Template is Disabled", 132068: "Flow is blocked", 132069: "Flow is throttled",
		133010: "Phone number not registered", 133016: "Account register deregister rate limit exceeded",
		135000: "Generic user error", codeBlockList: "Failed to block/unblock some users", 139101: "Blocklist limit reached",
		139102: "Blocklist concurrent update", 139103: "Internal error",
	})
	return faults
}

// reply is what a call is answered with.
type reply struct {
	status int
	// code is the error's, 0 for none.
	code int
	body any
	// raw is answered instead of body if it is not nil.
	raw  []byte
	kind string
	// after is done without the lock, before the answer is written; nil: nothing.
	after func()
	mode  Mode
	trace string
}

func ok(body Part) reply { return reply{status: http.StatusOK, body: body} }

func success() reply { return ok(Part{{"success", true}}) }

// refuse answers with an error's code.
func (g *Graph) refuse(code int, details string) reply {
	f := g.fault(code)
	return reply{status: f.status, code: code, body: Part{{"error", g.errorBody(code, 0, details)}}}
}

// fault is what is documented of a code; one that is not is 400.
func (g *Graph) fault(code int) fault {
	if f, found := g.faults[code]; found {
		return f
	}
	return fault{http.StatusBadRequest, "An error"}
}

// noObject is the answer for an object that does not exist or is another's.
func (g *Graph) noObject() reply {
	body := g.errorBody(codeParameter, subcodeObject, "")
	body[0].Value = "Unsupported request. Object does not exist, cannot be loaded due to missing permissions, or does not support this operation."
	body[1].Value = "GraphMethodException"
	return reply{status: http.StatusBadRequest, code: codeParameter, body: Part{{"error", body}}}
}

// noPath is the answer for a path that the API does not have.
func (g *Graph) noPath() reply {
	return g.refuse(codeNoPath, "")
}

func (g *Graph) errorBody(code, subcode int, details string) Part {
	body := Part{
		{"message", fmt.Sprintf("(#%d) %s", code, g.fault(code).title)},
		{"type", "OAuthException"},
		{"code", code},
	}
	if details != "" {
		body = append(body, Member{"error_data", Part{{"messaging_product", "whatsapp"}, {"details", details}}})
	}
	if subcode != 0 {
		body = append(body, Member{"error_subcode", subcode})
	}
	if code == 2 {
		body = append(body, Member{"is_transient", true})
	}
	return append(body, Member{"fbtrace_id", g.trace()})
}
