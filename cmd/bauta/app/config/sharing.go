package config

import (
	"fmt"
	"regexp"
	"strings"

	"bauta/masking/sharing"
	"bauta/webhook"
)

// speaks tells that Bauta can have to name a scope to a customer: it asks, or a
// word makes it answer.
func (s *Sharing) speaks() bool {
	return s.Ask != "never" || len(s.Keywords.Share)+len(s.Keywords.Withdraw)+len(s.Keywords.Show) > 0
}

// policy is the settings as the domain has them.
func (s *Sharing) policy() webhook.SharingPolicy {
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
	d.keywords(s.Keywords, path+".keywords")
	country, language := regexp.MustCompile(`^[A-Z]{2}$`), regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z]{2,4})?$`)
	for code, tongue := range s.Languages {
		if !country.MatchString(code) || !language.MatchString(tongue) {
			d.fault(path+".languages."+code, "is no country with a language", "write it such as CH: de")
		}
	}
	for tongue := range s.Texts {
		if !language.MatchString(tongue) {
			d.fault(path+".texts."+tongue, "is no language", "write it such as de or pt-BR")
		}
	}
	if s.OwnCard == "share" {
		d.warn(path+".own_card", "a card that a customer sends by hand lifts the mask, if the number on it is known to be theirs",
			"with mask only an answer to a question does; share is for customers who are told so")
	}
}

// keywords finds words that would do nothing, or two things.
func (d *decoder) keywords(k Keywords, path string) {
	meaning := map[string]string{}
	for _, list := range []struct {
		name  string
		words []string
	}{{"share", k.Share}, {"withdraw", k.Withdraw}, {"show", k.Show}, {"erase", k.Erase}} {
		for i, word := range list.words {
			at := fmt.Sprintf("%s.%s[%d]", path, list.name, i)
			word = strings.ToLower(strings.TrimSpace(word))
			if other, taken := meaning[word]; taken && word != "" {
				d.fault(at, "the word already means "+other, "a word does one thing")
			}
			if word == "" {
				d.fault(at, "is empty", "remove it or fill it in")
			}
			meaning[word] = list.name
		}
	}
}
