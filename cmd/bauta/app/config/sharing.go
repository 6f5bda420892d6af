package config

import (
	"fmt"
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
		AskPause:            s.AskPause.Std(),
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

func (d *decoder) sharing(s *Sharing, path string) {
	d.texts(s, path)
	d.keywords(s, path+".keywords")
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

// keywords finds words that would do nothing, two things, or what nobody meant.
func (d *decoder) keywords(s *Sharing, path string) {
	texts, _ := sharing.NewTexts(s.Texts, s.Languages) // what is wrong with them was told
	for _, f := range sharing.CheckWords(sharing.Words(s.Keywords), texts) {
		d.fault(fmt.Sprintf("%s.%s[%d]", path, f.Setting, f.Index), f.Problem, "remove it, or choose words that nobody writes without meaning it")
	}
}
