package vault

import (
	"bauta/masking"
	"bauta/masking/sharing"
	"bauta/webhook"
)

// shared is webhook.Sharing as it is encrypted.
type shared struct {
	State        uint8    `json:"t,omitempty"`
	Since        int64    `json:"s,omitempty"`
	ActBy        string   `json:"a,omitempty"`
	Heard        int64    `json:"e,omitempty"`
	Number       string   `json:"n,omitempty"`
	Question     question `json:"q,omitzero"`
	Confirmation string   `json:"c,omitempty"`
}

type question struct {
	ID       string `json:"i,omitempty"`
	By       string `json:"b,omitempty"`
	WordedBy string `json:"w,omitempty"`
	Native   bool   `json:"n,omitempty"`
	Language string `json:"l,omitempty"`
	Version  string `json:"v,omitempty"`
	TextHash string `json:"h,omitempty"`
	// Requested by the business's own words while it was pending.
	Requested string `json:"r,omitempty"`
	Held      bool   `json:"o,omitempty"`
	Begun     int64  `json:"g,omitempty"`
	Sent      int64  `json:"s,omitempty"`
	Expires   int64  `json:"x,omitempty"`
	Stanza    string `json:"m,omitempty"`
}

// line is a line that the ledger is not known to have.
type line struct {
	ID       string `json:"i"`
	At       int64  `json:"t,omitempty"`
	Type     string `json:"y,omitempty"`
	Handle   string `json:"h,omitempty"`
	Scope    string `json:"c,omitempty"`
	By       string `json:"b,omitempty"`
	Action   string `json:"a,omitempty"`
	Question string `json:"q,omitempty"`
	WordedBy string `json:"w,omitempty"`
	Language string `json:"l,omitempty"`
	Version  string `json:"v,omitempty"`
	TextHash string `json:"x,omitempty"`
	Reason   string `json:"r,omitempty"`
	Text     string `json:"m,omitempty"`
}

// due is what is not known to be in its lanes.
type due struct {
	ID     string `json:"i"`
	Errand bool   `json:"e,omitempty"`
	Kind   string `json:"k,omitempty"`
	Scope  string `json:"s,omitempty"`
	At     int64  `json:"t,omitempty"`
	// Unheard by the business is what it takes back.
	Unheard bool `json:"n,omitempty"`
	// Data stands as text: whatever its bytes are, the record can be read.
	Data string `json:"d,omitempty"`
}

func sharedIn(s webhook.Sharing) shared {
	return shared{
		State: uint8(s.State), Since: stamp(s.Since), ActBy: s.ActBy, Heard: stamp(s.Heard), Number: s.Number.Reveal(), Confirmation: s.Confirmation,
		Question: question{
			ID: s.Question.ID, By: s.Question.By, WordedBy: s.Question.WordedBy, Native: s.Question.Native, Requested: s.Question.Requested, Held: s.Question.Held,
			Language: s.Question.Language, Version: s.Question.Version, TextHash: s.Question.TextHash,
			Begun: stamp(s.Question.Begun), Sent: stamp(s.Question.Sent), Expires: stamp(s.Question.Expires), Stanza: s.Question.Stanza,
		},
	}
}

// out is false where the number is none.
func (s shared) out() (webhook.Sharing, bool) {
	var number masking.Number
	if s.Number != "" {
		var ok bool
		if number, ok = masking.ParseNumber(s.Number); !ok {
			return webhook.Sharing{}, false
		}
	}
	return webhook.Sharing{
		State: sharing.State(s.State), Since: moment(s.Since), ActBy: s.ActBy, Heard: moment(s.Heard), Number: number, Confirmation: s.Confirmation,
		Question: webhook.Question{
			ID: s.Question.ID, By: s.Question.By, WordedBy: s.Question.WordedBy, Native: s.Question.Native, Requested: s.Question.Requested, Held: s.Question.Held,
			Language: s.Question.Language, Version: s.Question.Version, TextHash: s.Question.TextHash,
			Begun: moment(s.Question.Begun), Sent: moment(s.Question.Sent), Expires: moment(s.Question.Expires), Stanza: s.Question.Stanza,
		},
	}, true
}

func linesIn(in []sharing.Line) []line {
	var out []line
	for _, l := range in {
		out = append(out, line{
			ID: l.ID, At: stamp(l.At), Type: string(l.Type), Handle: l.Handle, Scope: l.Scope, By: l.By, Action: l.Action,
			Question: l.Question, WordedBy: l.WordedBy, Language: l.Language, Version: l.Version, TextHash: l.TextHash,
			Reason: l.Reason, Text: l.Text,
		})
	}
	return out
}

func linesOut(in []line) []sharing.Line {
	var out []sharing.Line
	for _, l := range in {
		out = append(out, sharing.Line{
			ID: l.ID, At: moment(l.At), Type: sharing.LineType(l.Type), Handle: l.Handle, Scope: l.Scope, By: l.By, Action: l.Action,
			Question: l.Question, WordedBy: l.WordedBy, Language: l.Language, Version: l.Version, TextHash: l.TextHash,
			Reason: l.Reason, Text: l.Text,
		})
	}
	return out
}

func duesIn(in []webhook.Due) []due {
	var out []due
	for _, d := range in {
		out = append(out, due{ID: d.ID, Errand: d.Errand, Kind: d.Kind, Scope: d.Scope, At: stamp(d.At), Unheard: d.Unheard, Data: string(d.Data)})
	}
	return out
}

func duesOut(in []due) []webhook.Due {
	var out []webhook.Due
	for _, d := range in {
		next := webhook.Due{ID: d.ID, Errand: d.Errand, Kind: d.Kind, Scope: d.Scope, At: moment(d.At), Unheard: d.Unheard}
		if d.Data != "" {
			next.Data = []byte(d.Data)
		}
		out = append(out, next)
	}
	return out
}
