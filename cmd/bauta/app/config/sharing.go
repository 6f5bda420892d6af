package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bauta/masking/sharing"
	"bauta/webhook"
)

// speaks tells that Bauta can have to name a scope to a customer: it asks, or a
// word makes it answer.
func (s *Sharing) speaks() bool {
	return s.Ask != "never" || len(s.Keywords.Share)+len(s.Keywords.Withdraw)+len(s.Keywords.Show) > 0
}

// policy is the settings as the domain has them. Who cannot call the platform asks
// nobody.
func (b *Business) policy() webhook.SharingPolicy {
	p := b.Sharing.policy()
	if b.AccessToken.IsZero() {
		p.Ask = webhook.AskNever
	}
	return p
}

func (s *Sharing) policy() webhook.SharingPolicy {
	texts, _ := sharing.NewTexts(s.Texts, s.Languages) // what is wrong with them was told
	p := webhook.SharingPolicy{
		AskAgainAfter:       s.AskAgainAfter.Std(),
		Expires:             s.Expires.Std(),
		OwnCardShares:       s.OwnCard == "share",
		ShareNewNumber:      s.ShareNewNumber,
		Native:              s.Native,
		NewHandleOnWithdraw: s.NewHandleOnWithdraw,
		BusinessWords:       s.BusinessRequests == "allow",
		Rate:                s.Rate.PerSecond(),
		Words:               sharing.Words(s.Keywords),
		Texts:               texts,
	}
	switch s.Ask {
	case "first_contact":
		p.Ask = webhook.AskFirstContact
	case "on_request":
		p.Ask = webhook.AskOnRequest
	}
	return p
}

// maxWordBytes is how much of a message is looked at for a word (sharing.Words).
const maxWordBytes = 256

func (d *decoder) sharing(s *Sharing, path string) {
	d.keywords(s.Keywords, path+".keywords")
	d.texts(s, path)
	if s.OwnCard == "share" {
		d.warn(path+".own_card", "a card that a customer sends by hand lifts the mask, if the number on it is known to be theirs",
			"with mask only an answer to a question does; share is for customers who are told so")
	}
}

// texts finds what is wrong with own texts, at the very key, and with languages.
func (d *decoder) texts(s *Sharing, path string) {
	_, faults := sharing.NewTexts(s.Texts, s.Languages)
	for _, f := range faults {
		switch country := s.countryOf(f); {
		case country != "":
			d.fault(path+".languages."+country, f.Problem, "")
		case f.Name != "":
			d.fault(path+".texts."+f.Language+"."+string(f.Name), f.Problem, "")
		default:
			d.fault(path+".texts."+f.Language, f.Problem, "")
		}
	}
}

// countryOf is the country whose language is at fault, "" if a text is.
func (s *Sharing) countryOf(f sharing.Fault) string {
	for country, language := range s.Languages {
		about := strings.HasPrefix(f.Problem, country+" ") || strings.HasPrefix(f.Problem, strconv.Quote(country)+" ")
		if f.Name == "" && language == f.Language && about {
			return country
		}
	}
	return ""
}

// keywords finds words that would do nothing, or two things.
func (d *decoder) keywords(k Keywords, path string) {
	type action struct {
		name  string
		words []string
	}
	actions := []action{{"share", k.Share}, {"withdraw", k.Withdraw}, {"show", k.Show}, {"erase", k.Erase}}
	for n, a := range actions {
		for i, word := range a.words {
			at := fmt.Sprintf("%s.%s[%d]", path, a.name, i)
			if strings.TrimSpace(word) == "" {
				d.fault(at, "is empty", "remove it or fill it in")
			}
			if len(word) > maxWordBytes {
				d.fault(at, "is too long", fmt.Sprintf("write at most %d bytes", maxWordBytes))
			}
			for _, before := range append(slices.Clone(actions[:n]), action{a.name, a.words[:i]}) {
				if (sharing.Words{Share: before.words}).Find(word) != sharing.NoWord {
					d.fault(at, "the word already means "+before.name, "a word does one thing")
				}
			}
		}
	}
}
