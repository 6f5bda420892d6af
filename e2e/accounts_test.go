package e2e

import (
	"path/filepath"
	"strings"
	"testing"

	"bauta/redis"
)

// wasAcmes is why an account that was acme's is refused to another business.
const wasAcmes = "wabas[0]: was so far the account of another business, acme: whom that one hid would be strangers to this one, and may be shown " +
	"(give this business the id that it had; to move the account all the same, name the other one in moved_from of this one)"

// hiding has a customer who came by an ad and is hidden therefore; whoever is new and
// comes without one is visible.
func hiding(t *testing.T) scenario {
	t.Helper()
	s := start(t, setup{Rules: `{name: ads, when: "ad.present", hide: true}`})
	s.send(t, says(ada(), "3A0681", "by an ad", ctwa()))
	s.crm.wait(t, 1)
	return s
}

// comes has the customer write without an ad, and tells whether they are visible.
func (s scenario) comes(t *testing.T, node *bauta, stanza string) string {
	t.Helper()
	seen := len(s.crm.all())
	node.send(t, says(ada(), stanza, "and without", nil))
	d := s.crm.wait(t, seen+1)[seen]
	visibility := d.header.Get("Bauta-Visibility")
	if shown := strings.Contains(d.body, ada().Number); shown != (visibility == "visible") {
		t.Errorf("%s: %s", visibility, d.body)
	}
	return visibility
}

// Under another business's name everybody would be a stranger, and visible where rules say
// so: a slip of the pen in an id must not show whom it hid.
func TestAReloadGivesNoAccountToAnotherBusiness(t *testing.T) {
	t.Parallel()
	s := hiding(t)
	edit(t, s.dir, "id: acme", "id: acme-it")
	s.reload(t, "refused")
	if got := s.comes(t, s.bauta, "3A0682"); got != "hidden" {
		t.Errorf("after a reload that was refused the customer is %s", got)
	}
	if log := s.log(); !strings.Contains(log, "businesses[0]."+wasAcmes) {
		t.Errorf("the log does not say why:\n%s", log)
	}
}

// One reload takes the business out, another one brings its account under another id.
func TestTwoReloadsGiveNoAccountToAnotherBusiness(t *testing.T) {
	t.Parallel()
	s := hiding(t)
	as := content(t, filepath.Join(s.dir, "bauta.yaml"))
	edit(t, s.dir, "102290129340398", "102290129340399")
	s.reload(t, "applied")
	edit(t, s.dir, "id: acme", "id: acme-it")
	edit(t, s.dir, "102290129340399", "102290129340398")
	s.reload(t, "refused")
	if log := s.log(); !strings.Contains(log, "businesses[0]."+wasAcmes) {
		t.Errorf("the log does not say why:\n%s", log)
	}
	write(t, filepath.Join(s.dir, "bauta.yaml"), as)
	s.reload(t, "applied")
	if got := s.comes(t, s.bauta, "3A0683"); got != "hidden" {
		t.Errorf("once the account is back the customer is %s", got)
	}
}

// A start is refused as well, config check and doctor say it before, and who goes back
// finds everybody as they were.
func TestAStartGivesNoAccountToAnotherBusiness(t *testing.T) {
	t.Parallel()
	s := hiding(t)
	s.stop(t)
	path := filepath.Join(s.dir, "bauta.yaml")
	edit(t, s.dir, "id: acme", "id: acme-it")
	for _, command := range [][]string{{"serve"}, {"config", "check", "--store"}, {"doctor"}} {
		stdout, stderr, code := run(t, append(command, "--config", path)...)
		if told := stdout + stderr; code == 0 || !strings.Contains(told, "bauta.yaml:") || !strings.Contains(told, "businesses[0]."+wasAcmes) {
			t.Errorf("bauta %s: exit %d: %s", strings.Join(command, " "), code, told)
		}
		if command[0] == "serve" && code != 2 {
			t.Errorf("serve: exit %d, want 2", code)
		}
	}
	edit(t, s.dir, "id: acme-it", "id: acme")
	if got := s.comes(t, serve(t, s.dir), "3A0684"); got != "hidden" {
		t.Errorf("under the id from before the customer is %s", got)
	}
}

// Who means it says so: at a start or in a reload, once; and whoever was hidden is a
// stranger then.
func TestAnAccountGoesToAnotherBusinessWhereItIsMeant(t *testing.T) {
	t.Parallel()
	for name, move := range map[string]func(t *testing.T, s scenario) *bauta{
		"at a start":  func(t *testing.T, s scenario) *bauta { t.Helper(); s.stop(t); return serve(t, s.dir) },
		"in a reload": func(t *testing.T, s scenario) *bauta { t.Helper(); s.reload(t, "applied"); return s.bauta },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := hiding(t)
			edit(t, s.dir, "id: acme", "id: acme-it\n    moved_from: [acme]")
			_, stderr, code := run(t, "config", "check", "--store", "--config", filepath.Join(s.dir, "bauta.yaml"))
			if code != 0 || !strings.Contains(stderr, "businesses[0].moved_from[0]: whoever was hidden at that business is a stranger to this one, and may be shown") {
				t.Errorf("config check: exit %d: %s", code, stderr)
			}
			node := move(t, s)
			if got := s.comes(t, node, "3A0685"); got != "visible" {
				t.Errorf("a stranger without an ad is %s", got)
			}
			edit(t, s.dir, "    moved_from: [acme]\n", "")
			node.stop(t)
			s.comes(t, serve(t, s.dir), "3A0686")
		})
	}
}

// A store from before remembers nothing: a start notes whose the accounts are, and the
// next one knows.
func TestAStoreFromBeforeIsToldWhoseTheAccountsAre(t *testing.T) {
	t.Parallel()
	s := hiding(t)
	s.stop(t)
	key := redis.NewKeys(1).Accounts()
	if n, err := s.redis.Client.Del(t.Context(), key).Result(); err != nil || n != 1 {
		t.Fatalf("the store remembered %d accounts, %v", n, err)
	}
	node := serve(t, s.dir)
	if got := s.comes(t, node, "3A0687"); got != "hidden" {
		t.Errorf("after the upgrade the customer is %s", got)
	}
	if got := s.redis.Client.HGetAll(t.Context(), key).Val(); len(got) != 1 || got["102290129340398"] != "acme" {
		t.Errorf("it remembers %v", got)
	}
}

// Where the store is away nothing is known of an account that comes: the reload waits for
// better times, while whatever concerns no account goes on.
func TestAnAccountComesOnlyWhereTheStoreIsThere(t *testing.T) {
	t.Parallel()
	s := hiding(t)
	s.redis.Stop()
	edit(t, s.dir, "level: debug", "level: info")
	s.reload(t, "applied")
	edit(t, s.dir, "102290129340398", "102290129340399")
	s.reload(t, "refused")
	if log := s.log(); !strings.Contains(log, "read whose accounts these were: "+redis.ErrUnavailable.Error()) {
		t.Errorf("the log does not say why:\n%s", log)
	}
}
