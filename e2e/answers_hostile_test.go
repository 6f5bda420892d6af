package e2e

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"bauta/webhook/meta"
	"bauta/webhook/simulator"
)

// misdeed is something that a platform out of its mind answers a call with.
type misdeed struct {
	answer http.HandlerFunc
	// send, change and list are the statuses of a message, a block and a list that
	// were answered so; or 0, if any will do that is no 5xx of Bauta's own.
	send, change, list int
	// header is one that the caller must not get.
	header string
}

// unreadable are the statuses of an answer of which nothing can be said: Bauta's
// outcome_unknown where a repetition would reach a customer, else bad_answer.
func unreadable(answer http.HandlerFunc) misdeed {
	return misdeed{answer: answer, send: statusOf(meta.FaultOutcomeUnknown), change: statusOf(meta.FaultBadAnswer), list: statusOf(meta.FaultBadAnswer)}
}

// away are the statuses where there was no answer.
func away(answer http.HandlerFunc) misdeed {
	return misdeed{answer: answer, send: statusOf(meta.FaultOutcomeUnknown), change: statusOf(meta.FaultUnavailable), list: statusOf(meta.FaultUnavailable)}
}

func statusOf(name meta.FaultName) int { return meta.NewFault(name, "").Status }

// saying answers 200 with a body, and headers in pairs.
func saying(body string, header ...string) http.HandlerFunc {
	return sayingAs(http.StatusOK, body, header...)
}

func sayingAs(status int, body string, header ...string) http.HandlerFunc {
	// A list is answered with one, in which the rest stands too: positions of which no
	// table knows are searched for whom the others name.
	list, ok := strings.CutPrefix(body, "{")
	if ok {
		list = `{"data":[{"block_users":[{"wa_id":"` + ada().Number + `","user_id":"` + ada().UserID + `"}]}],` + list
	}
	return func(w http.ResponseWriter, r *http.Request) {
		body := body
		if ok && r.Method == http.MethodGet && !slices.Contains(header, "Content-Length") && !slices.Contains(header, "Content-Encoding") {
			body = list
		}
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// torn announces more than it writes, and hangs up.
func torn(body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		saying(body, append([]string{"Content-Length", strconv.Itoa(len(body) + 100)}, header...)...)(w, r)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

func zipped(text string) string {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return out.String()
}

// sent is the platform's answer to a message, with more in it.
func sent(input, id, more string) string {
	return `{"messaging_product":"whatsapp","contacts":[{"input":"` + input + `","wa_id":"` + ada().Number + `","user_id":"` + ada().UserID +
		`"}],"messages":[{"id":"` + id + `"}]` + more + `}`
}

func brokenAnswers() map[string]misdeed {
	whole := sent(ada().UserID, simulator.MessageID(ada(), true, "3EB0FACEFEED0001"), "")
	return map[string]misdeed{
		"garbage":                 unreadable(saying("\xff\xfe<html>upstream " + ada().Number)),
		"HTML with 502":           unreadable(sayingAs(http.StatusBadGateway, "<html>502 for "+ada().Number+"</html>", "Content-Type", "text/html")),
		"nothing":                 unreadable(saying("")),
		"nothing with 500":        away(sayingAs(http.StatusInternalServerError, "")),
		"cut in the middle":       away(torn(whole[:len(whole)/2])),
		"a gzip that is cut":      away(torn(zipped(whole)[:60], "Content-Encoding", "gzip")),
		"a gzip that is none":     away(saying(whole, "Content-Encoding", "gzip")),
		"10 MB":                   unreadable(saying(`{"messaging_product":"whatsapp","x":"` + strings.Repeat(ada().Number+" ", 900_000) + `"}`)),
		"10 MB of zeros, zipped":  unreadable(saying(zipped(`{"x":"`+strings.Repeat("0", 10<<20)+`"}`), "Content-Encoding", "gzip")),
		"two documents":           unreadable(saying(whole + whole)),
		"half a document":         unreadable(saying(whole[:len(whole)-2])),
		"invalid UTF-8":           unreadable(saying(strings.Replace(whole, "whatsapp", "what\xe9app", 1))),
		"a lone surrogate":        unreadable(saying(strings.Replace(whole, "whatsapp", `\ud800`, 1))),
		"a document too deep":     unreadable(saying(strings.Repeat(`{"x":[`, 20_000) + strings.Repeat("]}", 20_000))),
		"a redirect with a token": unreadable(sayingAs(http.StatusFound, whole, "Location", "https://evil.example/?access_token="+accessToken+"&to="+ada().Number)),
		"a redirect to the same":  unreadable(sayingAs(http.StatusTemporaryRedirect, whole, "Location", "/v25.0/x?to="+ada().Number)),
	}
}

func quotingAnswers() map[string]misdeed {
	number, id := ada().Number, simulator.MessageID(ada(), true, "3EB0FACEFEED0002")
	answers := map[string]misdeed{
		"the number as a key":            {answer: saying(sent(ada().UserID, id, `,"`+number+`":"x","to `+number+`":{"+`+number+`":1}`))},
		"the number as a number":         {answer: saying(sent(ada().UserID, id, `,"peer":`+number+`,"list":[`+number+`]`))},
		"JSON in a string":               {answer: saying(sent(ada().UserID, id, `,"debug":"{\"to\":\"{\\\"wa_id\\\":\\\"`+number+`\\\"}\"}"`))},
		"base64":                         {answer: saying(sent(ada().UserID, id, `,"debug":"`+base64.StdEncoding.EncodeToString([]byte("xto="+number+";"))+`"`))},
		"escapes":                        {answer: saying(sent(ada().UserID, id, `,"debug":"`+escaped(number)+`"`))},
		"percent escapes":                {answer: saying(sent(ada().UserID, id, `,"debug":"`+url.QueryEscape(url.QueryEscape("+"+number))+` %31%36%35%30%35%35%35%30%31%34%32"`))},
		"a vCard":                        {answer: saying(sent(ada().UserID, id, `,"card":"BEGIN:VCARD\nTEL;waid=`+number+`:+1 650-555-0142\nEND:VCARD"`))},
		"duplicate keys":                 {answer: saying(`{"contacts":[{"wa_id":"` + number + `","wa_id":"` + number + `","wa_\u0069d":"` + number + `"}],"contacts":{"wa_id":"` + number + `"},"messages":[{"id":"` + id + `","id":"` + id + `"}]}`)},
		"an error with 200":              {answer: saying(`{"error":{"message":"(#131026) to ` + number + `","code":131026,"error_data":{"details":"` + number + `"}},"contacts":[{"wa_id":"` + number + `"}]}`)},
		"an error that is a text":        {answer: sayingAs(http.StatusBadRequest, `{"error":"no such user `+number+` `+ada().UserID+`"}`)},
		"an error of a code that is one": {answer: sayingAs(http.StatusBadRequest, `{"error":{"code":`+number+`,"message":"x","error_subcode":"`+number+`","type":"`+number+`","fbtrace_id":"`+number+`"}}`)},
		"a list":                         {answer: saying("[" + sent(ada().UserID, id, "") + "]")},
		"a stranger's contact":           {answer: saying(strings.ReplaceAll(sent(eve().Number, id, ""), number, eve().Number))},
		"another customer's answer":      {answer: anothers},
		"contacts of everybody":          {answer: everybodys},
	}
	for form, written := range writtenIDs() {
		answers["a message id, "+form] = misdeed{answer: saying(sent(ada().UserID, written, `,"also":"`+written+`","errors":[{"details":"see `+written+`"}]`))}
	}
	for _, name := range []string{
		"X-Business-Use-Case-Usage", "X-App-Usage", "Retry-After", "Www-Authenticate", "Set-Cookie", "Location", "Link", "Etag", "X-Fb-Debug",
		"X-Fb-Trace-Id", "Content-Disposition", "Access-Control-Allow-Origin", "Bauta-Error", "Bauta-Trace", "Idempotency-Replayed", "Content-Language", "Warning",
	} {
		value := `{"` + number + `":[{"type":"whatsapp ` + ada().UserID + `","call_count":` + number + `}]}`
		if name == "Retry-After" {
			value = number
		}
		answers["the header "+name] = misdeed{answer: saying(sent(ada().UserID, id, ""), name, value), header: name}
	}
	answers["a type with the number"] = misdeed{answer: saying(sent(ada().UserID, id, ""), "Content-Type", "application/json; charset=utf-8; to="+number)}
	return answers
}

// everybodys answers a message as if it had gone to many.
func everybodys(w http.ResponseWriter, r *http.Request) {
	id := simulator.MessageID(ada(), true, "3EB0FACEFEED0006")
	if !strings.HasSuffix(r.URL.Path, "/messages") {
		saying(sent(ada().UserID, id, ""))(w, r)
		return
	}
	saying(`{"contacts":[{"input":"`+cleo().UserID+`","user_id":"`+cleo().UserID+`"},{"wa_id":"`+dan().Number+`","user_id":"`+dan().UserID+
		`","profile":{"name":"Dan"}},{"wa_id":"`+ada().Number+`","username":"ada","parent_user_id":"US.ENT.7430000000000001"}],"messages":[{"id":"`+id+`"}]}`)(w, r)
}

// anothers answers what another call would have been answered, about somebody else.
func anothers(w http.ResponseWriter, r *http.Request) {
	other, who := simulator.MessageID(cleo(), true, "3EB0FACEFEED0003"), `{"input":"`+cleo().UserID+`","user_id":"`+cleo().UserID+`"}`
	body := `{"messaging_product":"whatsapp","contacts":[` + who + `],"messages":[{"id":"` + other + `"}]}`
	switch {
	case r.Method == http.MethodGet:
		body = `{"data":[{"block_users":[` + who + `,{"input":"+` + ada().Number + `","wa_id":"` + ada().Number + `"},{"wa_id":"` + eve().Number + `"}]}],"paging":{"cursors":{"after":"` +
			base64.StdEncoding.EncodeToString([]byte(ada().Number)) + `"},"next":"https://graph.facebook.com/v25.0/x?access_token=` + accessToken + `&after=` + ada().Number + `"}}`
	case strings.HasSuffix(r.URL.Path, "block_users"):
		body = `{"messaging_product":"whatsapp","block_users":{"added_users":[` + who + `],"failed_users":[` + who + `]}}`
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, body)
}

func escaped(text string) string {
	var out strings.Builder
	for _, r := range text {
		fmt.Fprintf(&out, `\u%04x`, r)
	}
	return out.String()
}

// writtenIDs are ids of a message to Ada in every form (webhooks.md 4).
func writtenIDs() map[string]string {
	byNumber := simulator.MessageID(ada(), true, "3EB0FACEFEED0004")
	hiding := ada()
	hiding.Hides = true
	padding := strings.TrimRight(byNumber, "=")
	return map[string]string{
		"by number": byNumber, "by user id": simulator.MessageID(hiding, true, "3EB0FACEFEED0005"), "without padding": padding,
		"in the URL alphabet": strings.NewReplacer("+", "-", "/", "_").Replace(byNumber),
		"without its prefix":  strings.TrimPrefix(byNumber, "wamid."), "of an old kind": "gBEGFlBVUBQvAgkBNTU1",
		"of a call": strings.Replace(byNumber, "wamid.", "wacid.", 1), "of no known kind": "wamid.v2." + ada().Number,
	}
}

// odd answers calls of phone numbers by a list of misdeeds, and counts them.
type odd struct {
	misdeeds []misdeed
	mu       sync.Mutex
	counts   map[string]int
}

const oddNumbers = 106540352300000

func oddNumber(i int) string { return strconv.Itoa(oddNumbers + i) }

func (o *odd) before(graph http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parts := strings.Split(r.URL.Path, "/")
		if len(parts) < 4 {
			graph.ServeHTTP(w, r)
			return
		}
		id, err := strconv.Atoi(parts[2])
		if i := id - oddNumbers; err == nil && i >= 0 && i < len(o.misdeeds) {
			_, _ = io.Copy(io.Discard, r.Body)
			o.mu.Lock()
			o.counts[r.Method+" "+parts[2]+"/"+parts[3]]++
			o.mu.Unlock()
			o.misdeeds[i].answer(w, r)
			return
		}
		graph.ServeHTTP(w, r)
	})
}

func (o *odd) count(method, path string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.counts[method+" "+path]
}
