package access_test

import (
	"strings"
	"testing"
	"time"

	"bauta/webhook/access"
)

func TestATokenNamesItsIDWithoutBeingTrusted(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	token, g := i.issue(i.wanted())
	head, rest, _ := strings.Cut(token, ".")
	body, _, _ := strings.Cut(rest, ".")
	expired := g
	expired.Expires = g.Issued.Add(-time.Hour)
	named := payload(g)
	named["jti"] = "secret-in-the-wrong-place"
	for name, row := range map[string]struct {
		text string
		ok   bool
	}{
		"in force":               {token, true},
		"forged":                 {head + "." + body + ".AAAA", true},
		"expired":                {signed(key(i.keys), hs256(), payload(expired)), true},
		"an id":                  {g.ID, false},
		"nothing":                {"", false},
		"two parts":              {head + "." + body, false},
		"a line break":           {token + "\n", false},
		"too long":               {token + strings.Repeat("A", 2048), false},
		"not the form of our id": {signed(key(i.keys), hs256(), named), false},
	} {
		business, id, ok := access.Unverified(row.text)
		if ok != row.ok || ok && (business != "acme" || id != g.ID) {
			t.Errorf("%s: %q, %q, %t", name, business, id, ok)
		}
	}
}

func TestFormOfAnID(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	token, g := i.issue(i.wanted())
	for text, want := range map[string]bool{
		g.ID: true, token: false, "": false, g.ID + "A": false, g.ID[1:]: false, "." + g.ID[1:]: false, " " + g.ID[1:]: false, "+" + g.ID[1:]: false,
	} {
		if access.IsID(text) != want {
			t.Errorf("%q: want %t", text, want)
		}
	}
}
