package access_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"bauta/webhook"
	"bauta/webhook/access"
)

func TestASessionIsAsGoodAsItsToken(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	sessions := access.NewSessions(access.Options{Keys: i.keys, Registry: i.registry, Now: func() time.Time { return i.now }})
	token, g := i.issue(webhook.Grant{Business: webhook.AllBusinesses, Scopes: []string{access.Console}, Expires: i.now.Add(100 * time.Hour)})
	value, opened, err := sessions.Open(g)
	if err != nil {
		t.Fatal(err)
	}
	if want := i.now.Add(8 * time.Hour); !opened.Expires.Equal(want) || opened.TokenID != g.ID || opened.Business != webhook.AllBusinesses {
		t.Errorf("the session is %+v", opened)
	}
	if got, err := sessions.Check(t.Context(), value); err != nil || got != opened {
		t.Errorf("the session is read as %+v: %v", got, err)
	}
	other, second, err := sessions.Open(g)
	if err != nil || second.Form == opened.Form || other == value {
		t.Errorf("two sessions have the same word: %v", err)
	}
	for name, text := range map[string]string{
		"nothing": "", "a token": token, "a line break": value + "\n", "another signature": value[:len(value)-4] + "AAAA",
		"a token's claims under the key of sessions": signed(sessionKey(i), hs256(), payload(g)),
		"no algorithm": signed(nil, map[string]any{"alg": "none", "typ": "JWT"}, payload(g)), "a long text": strings.Repeat("a", 1<<16),
	} {
		if _, err := sessions.Check(t.Context(), text); !errors.Is(err, access.ErrInvalid) {
			t.Errorf("%s is taken for a session: %v", name, err)
		}
	}
	if _, err := i.tokens.Check(t.Context(), value); !errors.Is(err, access.ErrInvalid) {
		t.Errorf("a session is taken for a token: %v", err)
	}
	if ok, err := i.registry.Revoke(t.Context(), g.Business, g.ID); err != nil || !ok {
		t.Fatal(ok, err)
	}
	if _, err := sessions.Check(t.Context(), value); !errors.Is(err, access.ErrInvalid) {
		t.Errorf("the session outlives its token: %v", err)
	}
}

func TestASessionEndsAfterAWorkingDay(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	sessions := access.NewSessions(access.Options{Keys: i.keys, Registry: i.registry, Now: func() time.Time { return i.now }})
	_, g := i.issue(webhook.Grant{Business: "acme", Scopes: []string{access.Console}, Expires: i.now.Add(100 * time.Hour)})
	value, _, err := sessions.Open(g)
	if err != nil {
		t.Fatal(err)
	}
	i.now = i.now.Add(8*time.Hour - time.Second)
	if _, err := sessions.Check(t.Context(), value); err != nil {
		t.Errorf("a second before its end: %v", err)
	}
	i.now = i.now.Add(time.Second)
	if _, err := sessions.Check(t.Context(), value); !errors.Is(err, access.ErrInvalid) {
		t.Errorf("at its end: %v", err)
	}
}

func TestATokenOfAllBusinessesOpensTheConsoleAlone(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	for _, scopes := range [][]string{{"messages"}, {access.Manage}, {access.Console, "messages"}} {
		g := webhook.Grant{Business: webhook.AllBusinesses, Scopes: scopes, Expires: i.now.Add(time.Hour)}
		if err := access.CheckGrant(g, i.now); !errors.Is(err, access.ErrGrant) {
			t.Errorf("%v for all businesses: %v", scopes, err)
		}
	}
}

func sessionKey(i *issuer) []byte {
	sum := i.keys.PRF("session", "HS256")
	return sum[:]
}
