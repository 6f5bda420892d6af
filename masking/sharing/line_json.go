package sharing

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	// lineVersion is the form of lines. Old lines are verified for as long as they
	// are kept: a new form gets a new version, and this one stays readable.
	lineVersion = 1
	// lineTime is RFC 3339 in UTC, with milliseconds.
	lineTime = "2006-01-02T15:04:05.000Z"
)

// ErrLine is wrapped by the errors of Decode.
var ErrLine = errors.New("not a line of the consent ledger")

// Place is where a line stands in a business's chain.
type Place struct {
	// Seq counts from 1.
	Seq      int64
	Business string
	// Prev is the SHA-256, in hex, of the line before.
	Prev string
}

// Begin is the place of a business's first line: what stands before it is 64 zeros.
func Begin(business string) Place {
	return Place{Seq: 1, Business: business, Prev: strings.Repeat("0", hex.EncodedLen(sha256.Size))}
}

// HashOf is the SHA-256 of a line in hex: that of its bytes without the line break,
// so that sha256sum gives it too.
func HashOf(line []byte) string {
	sum := sha256.Sum256(line)
	return hex.EncodeToString(sum[:])
}

// member is a name and a value of a line's JSON.
type member struct{ name, value string }

// members are those of a line but v and seq, in their order.
func (l Line) members(p Place) []member {
	return []member{
		{"at", l.At.UTC().Format(lineTime)},
		{"type", string(l.Type)},
		{"id", l.ID},
		{"handle", l.Handle},
		{"scope", l.Scope},
		{"by", l.By},
		{"action", l.Action},
		{"question", l.Question},
		{"worded_by", l.WordedBy},
		{"language", l.Language},
		{"version", l.Version},
		{"text_sha256", l.TextHash},
		{"reason", l.Reason},
		{"text", l.Text},
		{"prev", p.Prev},
	}
}

// Encode writes a line as JSON, without a line break: v, business, seq, at, type, id,
// handle, scope, by, action, question, worded_by, language, version, text_sha256,
// reason, text, prev, in this order, empty ones left out, without spaces, strings as
// in RFC 8785 section 3.2.2.2 in UTF-8. Times are UTC, cut to a millisecond. A line
// has this one form: it is what is hashed.
func (l Line) Encode(seq int64, business, prev string) []byte {
	p := Place{Seq: seq, Business: business, Prev: prev}
	out := append(make([]byte, 0, 512), `{"v":`...)
	out = strconv.AppendInt(out, lineVersion, 10)
	out = appendMember(out, member{"business", business})
	out = append(out, `,"seq":`...)
	out = strconv.AppendInt(out, seq, 10)
	for _, m := range l.members(p) {
		out = appendMember(out, m)
	}
	return append(out, '}')
}

func appendMember(out []byte, m member) []byte {
	if m.value == "" {
		return out
	}
	out = append(out, `,"`+m.name+`":`...)
	out, _ = jsontext.AppendQuote(out, m.value) // replaces what is no UTF-8, and says so
	return out
}

// decoded is a line as encoding/json reads it.
type decoded struct {
	V        int      `json:"v"`
	Business string   `json:"business"`
	Seq      int64    `json:"seq"`
	At       string   `json:"at"`
	Type     LineType `json:"type"`
	ID       string   `json:"id"`
	Handle   string   `json:"handle"`
	Scope    string   `json:"scope"`
	By       string   `json:"by"`
	Action   string   `json:"action"`
	Question string   `json:"question"`
	WordedBy string   `json:"worded_by"`
	Language string   `json:"language"`
	Version  string   `json:"version"`
	TextHash string   `json:"text_sha256"`
	Reason   string   `json:"reason"`
	Text     string   `json:"text"`
	Prev     string   `json:"prev"`
}

// Decode reads what Encode wrote, and nothing else: another order or spelling of the
// same members is no line. The error wraps ErrLine, says what is wrong, and holds
// nothing of the line.
func Decode(line []byte) (Line, Place, error) {
	var d decoded
	if err := json.Unmarshal(line, &d); err != nil {
		return Line{}, Place{}, lineError("it is not JSON, or a member has another type")
	}
	at, err := time.Parse(lineTime, d.At)
	l := Line{
		ID: d.ID, At: at, Type: d.Type, Handle: d.Handle, Scope: d.Scope, By: d.By, Action: d.Action, Question: d.Question,
		WordedBy: d.WordedBy, Language: d.Language, Version: d.Version, TextHash: d.TextHash, Reason: d.Reason, Text: d.Text,
	}
	p := Place{Seq: d.Seq, Business: d.Business, Prev: d.Prev}
	switch {
	case d.V != lineVersion:
		return Line{}, Place{}, lineError("v is not 1")
	case err != nil:
		return Line{}, Place{}, lineError("at is not a time such as " + lineTime)
	case !slices.Contains(lineTypes(), d.Type):
		return Line{}, Place{}, lineError("its type is unknown")
	case d.ID == "" || d.Business == "" || d.Seq < 1:
		return Line{}, Place{}, lineError("it has no id, business or seq")
	case !isHash(d.Prev):
		return Line{}, Place{}, lineError("prev is not a SHA-256 in hex")
	case string(l.Encode(p.Seq, p.Business, p.Prev)) != string(line):
		return Line{}, Place{}, lineError("its members, their order or their spelling are not those of a line")
	}
	return l, p, nil
}

func lineError(problem string) error { return fmt.Errorf("%w: %s", ErrLine, problem) }

func lineTypes() []LineType {
	return []LineType{
		LineText, LineAsked, LineUnasked, LineShared, LineDeclined, LineExpired,
		LineWithdrawn, LineHidden, LineRenewed, LineRefused, LineErased, LineImported,
	}
}

// isHash tells 64 hex digits in lower case.
func isHash(text string) bool {
	return len(text) == hex.EncodedLen(sha256.Size) && strings.Trim(text, "0123456789abcdef") == ""
}
