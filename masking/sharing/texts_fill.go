package sharing

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Params fill a text in. A Business longer than MaxBusiness, or a Group longer than
// MaxGroup, is cut; what would break a line in them becomes a space.
type Params struct {
	// Business is the name that customers know it by.
	Business string
	// Group is the name of the group that the text is about, "" for the direct chat.
	Group string
}

// Label is a button to be.
type Label struct {
	Action Action
	Title  string
}

// Message is what a customer is shown, and how the ledger names it.
type Message struct {
	Body    string
	Buttons []Label
	// Language of the texts, and Version: a number for built-in ones, own if one of
	// them is configured.
	Language, Version string
	// Hash is the SHA-256 of Text in hex.
	Hash string
}

// Text is all that is shown, for the ledger: a JSON array of the body and the titles
// of the buttons, without spaces, strings as in RFC 8785 section 3.2.2.2. No two
// messages have the same.
func (m Message) Text() string {
	out, _ := jsontext.AppendQuote([]byte("["), m.Body) // replaces what is no UTF-8, and says so
	for _, b := range m.Buttons {
		out, _ = jsontext.AppendQuote(append(out, ','), b.Title)
	}
	return string(append(out, ']'))
}

// Question asks for the number; country is the customer's (ISO 3166 alpha-2). With
// native it is the body of the platform's own request, which has no buttons of ours
// and is for the direct chat alone: about a group, native means nothing.
func (t *Texts) Question(country string, p Params, native bool) Message {
	if native && p.Group == "" {
		return t.message(country, p, TextNative)
	}
	return t.message(country, p, TextQuestion.about(p), TextShareButton, TextDeclineButton)
}

// Confirmation says that it is shared, and has the button that withdraws.
func (t *Texts) Confirmation(country string, p Params) Message {
	return t.message(country, p, TextShared.about(p), TextWithdrawButton)
}

// Notice is a text without buttons. About a group, it is the text that groups have
// under this name, if they have one (group_withdrawn for withdrawn). The zero value
// for a name that is none.
func (t *Texts) Notice(country string, name TextName, p Params) Message {
	return t.message(country, p, name.about(p))
}

func (t *Texts) message(country string, p Params, body TextName, buttons ...TextName) Message {
	language := t.countries[country]
	if language == "" {
		language = fallback
	}
	texts := t.languages[language]
	if texts[body].text == "" {
		return Message{}
	}
	m := Message{Body: p.fill(texts[body].text), Language: language, Version: versionBuiltIn}
	own := texts[body].own
	for _, name := range buttons {
		own = own || texts[name].own
		m.Buttons = append(m.Buttons, Label{Action: name.action(), Title: p.fill(texts[name].text)})
	}
	if own {
		m.Version = versionOwn
	}
	sum := sha256.Sum256([]byte(m.Text()))
	m.Hash = hex.EncodeToString(sum[:])
	return m
}

// action is what the button with this title does.
func (n TextName) action() Action {
	switch n { //nolint:exhaustive // the other names are no buttons
	case TextShareButton:
		return ActShare
	case TextDeclineButton:
		return ActDecline
	default:
		return ActWithdraw
	}
}

// fill puts the names in, each once: a name that looks like a placeholder stays.
func (p Params) fill(text string) string {
	return strings.NewReplacer("{business}", shortened(p.Business, MaxBusiness), "{group}", shortened(p.Group, MaxGroup)).Replace(text)
}

// shortened is a name on one line, with an ellipsis if it has more characters than it
// may.
func shortened(name string, most int) string {
	name = strings.TrimSpace(strings.Map(inline, name))
	if utf8.RuneCountInString(name) <= most {
		return name
	}
	return strings.TrimSpace(string([]rune(name)[:most-1])) + "…"
}

// inline replaces what breaks a line, or turns the direction of what follows.
func inline(r rune) rune {
	if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
		return ' '
	}
	return r
}
