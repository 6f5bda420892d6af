package access_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/redis"
	"bauta/webhook"
	"bauta/webhook/access"
)

func TestAnIssuedTokenIsInForceOnEveryNode(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	g := i.wanted()
	g.Scopes = []string{"media", "messages", "media"}
	i.now = i.now.Add(300 * time.Millisecond)
	token, issued := i.issue(g)
	if id, err := base64.RawURLEncoding.DecodeString(issued.ID); err != nil || len(id) != 16 {
		t.Errorf("id %q, want 16 bytes in base64url", issued.ID)
	}
	want := webhook.Grant{
		ID: issued.ID, Business: "acme", Scopes: []string{"messages", "media"}, Label: "the CRM",
		Issued: time.Date(2026, 9, 10, 8, 0, 0, 0, time.UTC), Expires: time.Date(2026, 9, 10, 9, 0, 0, 0, time.UTC),
	}
	if diff := cmp.Diff(want, issued); diff != "" {
		t.Errorf("issued (-want +got):\n%s", diff)
	}
	want.Label = "" // it is not in the token
	for _, node := range []*access.Tokens{i.tokens, i.node()} {
		for _, turn := range []string{"first", "second"} {
			got, err := node.Check(t.Context(), token)
			if err != nil {
				t.Fatalf("the %s check: %v", turn, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the %s check (-want +got):\n%s", turn, diff)
			}
		}
	}
	if _, again := i.issue(i.wanted()); again.ID == issued.ID {
		t.Error("two tokens have one id")
	}
}

// The form is that of RFC 7519 and RFC 7515, read here without the library.
func TestATokenIsAJWTThatHoldsNothingElse(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	token, g := i.issue(i.wanted())
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%d parts, want 3", len(parts))
	}
	for n, want := range []map[string]any{
		{"alg": "HS256", "typ": "JWT"},
		{
			"iss": "bauta", "aud": []any{"bauta"}, "sub": "acme", "jti": g.ID, "scope": "messages media",
			"iat": 1789027200.0, "exp": 1789030800.0,
		},
	} {
		text, err := base64.RawURLEncoding.DecodeString(parts[n])
		var got map[string]any
		if err != nil || json.Unmarshal(text, &got) != nil {
			t.Fatalf("part %d cannot be read: %v", n, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("part %d (-want +got):\n%s", n, diff)
		}
	}
	if byHand := signed(key(i.keys), hs256(), payload(g)); func() bool { _, err := i.tokens.Check(t.Context(), byHand); return err != nil }() {
		t.Error("a token that was signed by hand under the same key is not in force")
	}
	all := access.Scopes()
	if longest, _ := i.issue(webhook.Grant{Business: strings.Repeat("b", 32), Scopes: all, Expires: i.now.Add(access.MaxLife)}); len(longest) > 512 {
		t.Errorf("the longest token has %d bytes", len(longest))
	}
}

func TestWhatIsNoGrantIsNotIssued(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	const list = "messages, media, contacts, calls, templates, profile, groups, manage, console"
	rows := []struct {
		name   string
		change func(*webhook.Grant)
		text   string
	}{
		{"no business", func(g *webhook.Grant) { g.Business = "" }, "it names no business"},
		{"all businesses, and their messages", func(g *webhook.Grant) { g.Business = "_" }, "a token of all businesses has the scope console alone"},
		{"all businesses, and more than the console", func(g *webhook.Grant) { g.Business, g.Scopes = "_", []string{"console", "manage"} }, "has the scope console alone"},
		{"no scope", func(g *webhook.Grant) { g.Scopes = nil }, "it has no scope; there are " + list},
		{"an unknown scope", func(g *webhook.Grant) { g.Scopes = []string{"media", "mesages"} }, `there is no scope "mesages"; there are ` + list},
		{"two scopes in one", func(g *webhook.Grant) { g.Scopes = []string{"media messages"} }, `there is no scope "media messages"`},
		{"it has expired", func(g *webhook.Grant) { g.Expires = i.now.Add(-time.Hour) }, "less than a second"},
		{"it expires now", func(g *webhook.Grant) { g.Expires = i.now.Add(999 * time.Millisecond) }, "less than a second"},
		{"it says no expiry", func(g *webhook.Grant) { g.Expires = time.Time{} }, "less than a second"},
		{"it lives too long", func(g *webhook.Grant) { g.Expires = i.now.Add(access.MaxLife + time.Second) }, "1825 days at most"},
		{"a label of two lines", func(g *webhook.Grant) { g.Label = "a\nb" }, "all of them printable"},
		{"a label that moves the cursor", func(g *webhook.Grant) { g.Label = "a\x1b[2J" }, "all of them printable"},
		{"a label that is no text", func(g *webhook.Grant) { g.Label = "\xff" }, "all of them printable"},
		{"a long label", func(g *webhook.Grant) { g.Label = strings.Repeat("é", 65) }, "at most 64 characters"},
	}
	for _, row := range rows {
		g := i.wanted()
		row.change(&g)
		token, got, err := i.tokens.Issue(t.Context(), g)
		if !errors.Is(err, access.ErrGrant) || !strings.Contains(err.Error(), row.text) {
			t.Errorf("%s: %v, want %q", row.name, err, row.text)
		}
		if token != "" || got.ID != "" {
			t.Errorf("%s: a token was made", row.name)
		}
	}
	if all, err := i.registry.List(t.Context(), "acme", i.now); len(all) != 0 || err != nil {
		t.Errorf("registered: %v, %v", all, err)
	}
	g := i.wanted()
	g.Expires, g.Label = i.now.Add(access.MaxLife), strings.Repeat("é", 64)
	i.issue(g)
}

func TestARevokedTokenEndsAtOnceWhereItWasCheckedBefore(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	token, g := i.issue(i.wanted())
	other, _ := i.issue(i.wanted())
	node := i.node()
	if _, err := node.Check(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if ok, err := i.registry.Revoke(t.Context(), "acme", g.ID); !ok || err != nil {
		t.Fatalf("revoke: %v, %v", ok, err)
	}
	for _, n := range []*access.Tokens{i.tokens, node, i.node()} {
		if got, err := n.Check(t.Context(), token); err != access.ErrInvalid || got.ID != "" { //nolint:errorlint // it is never wrapped
			t.Errorf("a revoked token: %+v, %v", got, err)
		}
	}
	if _, err := node.Check(t.Context(), other); err != nil {
		t.Errorf("the business's other token: %v", err)
	}
}

func TestATokenEndsWhenItSays(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	token, g := i.issue(i.wanted())
	seen := i.node()
	if _, err := seen.Check(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	rows := []struct {
		name string
		at   time.Time
		want error
	}{
		{"a moment before", g.Expires.Add(-time.Nanosecond), nil},
		{"at the very time", g.Expires, access.ErrInvalid},
		{"a second later", g.Expires.Add(time.Second), access.ErrInvalid},
		{"a year later", g.Expires.AddDate(1, 0, 0), access.ErrInvalid},
	}
	for _, row := range rows {
		i.now = row.at
		if _, err := seen.Check(t.Context(), token); err != row.want { //nolint:errorlint // it is never wrapped
			t.Errorf("%s, checked before: %v, want %v", row.name, err, row.want)
		}
		if _, err := i.node().Check(t.Context(), token); err != row.want { //nolint:errorlint // it is never wrapped
			t.Errorf("%s: %v, want %v", row.name, err, row.want)
		}
	}
}

func TestAnEmptiedRegistryAdmitsNobody(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	token, _ := i.issue(i.wanted())
	if _, err := i.tokens.Check(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if err := i.store.Client().FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := i.tokens.Check(t.Context(), token); err != access.ErrInvalid { //nolint:errorlint // it is never wrapped
		t.Errorf("%v, want ErrInvalid", err)
	}
}

func TestARegistryThatCannotBeAskedIsNoVerdict(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	token, _ := i.issue(i.wanted())
	if err := i.store.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := i.tokens.Check(t.Context(), token); !errors.Is(err, redis.ErrUnavailable) || errors.Is(err, access.ErrInvalid) || got.ID != "" {
		t.Errorf("check: %+v, %v", got, err)
	} else if strings.Contains(err.Error(), token) {
		t.Error("the error holds the token")
	}
	if _, err := i.tokens.Check(t.Context(), token+"x"); err != access.ErrInvalid { //nolint:errorlint // it is never wrapped
		t.Errorf("a forged one: %v, want ErrInvalid without a look at the registry", err)
	}
	if token, g, err := i.tokens.Issue(t.Context(), i.wanted()); !errors.Is(err, redis.ErrUnavailable) || token != "" || g.ID != "" {
		t.Errorf("issue: %v, want ErrUnavailable and no token", err)
	}
}
