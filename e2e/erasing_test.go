package e2e

import (
	"bytes"
	"context"
	"encoding/hex"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bauta/masking/keys"
	"bauta/redis"
	"bauta/redis/erasures"
	"bauta/redis/redistest"
	"bauta/redis/vault"
	"bauta/webhook/simulator"
)

// keeps tells whether a held event, a dead letter and so many that wait are kept of whom a
// handle names.
func (s *saga) keeps(t *testing.T, handle string, waiting int) func(context.Context) bool {
	t.Helper()
	return func(context.Context) bool {
		got := s.export(t, "", "--handle", handle).Events //nolint:contextcheck // a command has a deadline of its own
		return got.Waiting == waiting && got.Held == 1 && got.Dead == 1
	}
}

// spares leaves of each person a dead letter and a held event.
func (s *saga) spares(t *testing.T, people map[string]simulator.Person) {
	t.Helper()
	s.crm.judge = func(body string) int {
		if strings.Contains(body, "refused") {
			return http.StatusUnprocessableEntity
		}
		return http.StatusOK
	}
	for handle, who := range people {
		s.writesIn(t, "", who, "refused of "+who.Name)
		s.writesIn(t, "", who, "in hex: "+hex.EncodeToString([]byte(who.Number)))
		eventually(t, "a dead letter and a held event", s.keeps(t, handle, 0))
	}
}

// The operator erases somebody of whom something lies everywhere: what waits, also of
// groups, is held or is dead is gone, and everybody else keeps what they have.
func TestTheOperatorErasesWhateverIsKept(t *testing.T) {
	t.Parallel()
	s := tells(t, setup{Sharing: "ask: never", Retry: "schedule: [100ms], refused_attempts: 2"}, ada(), bea())
	handle := s.arrives(t, ada())
	id := customerIn(t, s.redis)
	other := s.arrives(t, bea())
	s.joins(t, lisbon, ada())
	inLisbon := s.hidden(t, ada(), "hidden")[0].handle()
	s.spares(t, map[string]simulator.Person{handle: ada(), other: bea()})
	s.crm.answer(http.StatusServiceUnavailable)
	s.writesIn(t, "", ada(), "waiting of Ada")
	s.writesIn(t, lisbon, ada(), "waiting of Ada's in a group")
	s.writesIn(t, "", bea(), "waiting of Bea")
	eventually(t, "events wait", s.keeps(t, handle, 2))

	receipt, stderr, code := s.operate(t, "", "customers", "erase", "--handle", inLisbon)
	if code != 0 || in(t, receipt, "forgotten") != "4" || !strings.Contains(receipt, handle) || !strings.Contains(receipt, inLisbon) {
		t.Fatalf("erase: exit %d: %s%s", code, receipt, stderr)
	}
	if !s.keeps(t, other, 1)(t.Context()) {
		t.Error("somebody else was forgotten too")
	}
	s.nothingUnder(t, id)
	sweep(t, "Redis", dump(t, s.redis.Address), identities(ada(), bea())...)
}

// customerIn is the only customer of the store, by the id of their record.
func customerIn(t *testing.T, server *redistest.Server) string {
	t.Helper()
	records, err := server.Client.Keys(t.Context(), "*}:c:acme:*").Result()
	if err != nil || len(records) != 1 {
		t.Fatalf("%d customers, %v", len(records), err)
	}
	_, id, _ := strings.Cut(records[0], "c:acme:")
	return id
}

// nothingUnder wants no key of a customer in the store, and of held events and dead
// letters those of the other one alone.
func (s *saga) nothingUnder(t *testing.T, id string) {
	t.Helper()
	kept := map[string]int{}
	for key := range s.redis.Dump(t) {
		for _, part := range []string{"}:c:acme:" + id, "}:held:acme:", "}:dead:acme:", "}:c:acme:"} {
			if strings.Contains(key, part) {
				kept[part]++
				break
			}
		}
	}
	if want := map[string]int{"}:held:acme:": 1, "}:dead:acme:": 1, "}:c:acme:": 1}; !maps.Equal(kept, want) {
		t.Errorf("the store has %v, want %v", kept, want)
	}
}

// A business that erases one scope ends that one alone, of what waits too.
func TestABusinessErasesOneScopeAlone(t *testing.T) {
	t.Parallel()
	s := tells(t, setup{Sharing: "ask: never"}, ada())
	direct := s.arrives(t, ada())
	s.joins(t, lisbon, ada())
	s.joins(t, porto, ada())
	groups := s.hidden(t, ada(), "hidden", "hidden")
	inLisbon, inPorto := groups[0].handle(), groups[1].handle()
	if strings.Contains(groups[0].body, porto) {
		inLisbon, inPorto = inPorto, inLisbon
	}
	s.crm.answer(http.StatusServiceUnavailable)
	for group, text := range map[string]string{"": "to the direct chat", lisbon: "to Lisbon", porto: "to Porto"} {
		s.writesIn(t, group, ada(), text)
	}
	if got := s.asks(t, http.MethodDelete, "/v1/customers/"+inLisbon); got.status != http.StatusOK {
		t.Fatalf("an erasure of one scope: %d %s", got.status, got.body)
	}
	s.crm.answer(http.StatusOK)
	for _, want := range []string{"to the direct chat", "to Porto", "customer_erased"} {
		eventually(t, want, s.hasSince(s.read, want))
	}
	for _, d := range s.crm.all()[s.read:] {
		if strings.Contains(d.body, "to Lisbon") || kindOf(d) == "customer_erased" && in(t, d.body, "data", "handle") != inLisbon {
			t.Errorf("after the erasure of one scope: %s", d.body)
		}
	}
	for handle, want := range map[string]int{direct: http.StatusOK, inPorto: http.StatusOK, inLisbon: http.StatusNotFound} {
		if got := s.asks(t, http.MethodGet, "/v1/customers/"+handle); got.status != want {
			t.Errorf("a handle is answered %d, want %d", got.status, want)
		}
	}
}

// moments are moments of an erasure, by a key of the store that is there from then
// on, or not any more.
func moments() map[string]struct {
	pattern string
	there   bool
} {
	return map[string]struct {
		pattern string
		there   bool
	}{
		"once it is decided":           {"*:erasures:acme", true},
		"once the customer is gone":    {"*}:c:acme:*", false},
		"once what waited is gone":     {"*}:l:acme:*", false},
		"once the dead letter is gone": {"*}:dead:acme:*", false},
	}
}

// Redis goes away in the middle of an erasure: the command says so, and repeated it
// ends the erasure, once.
func TestAnErasureThatBreaksOffIsEndedByTheCommandAgain(t *testing.T) {
	t.Parallel()
	for name, at := range moments() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Standalone(t)
			b := server.Between(t)
			s := tells(t, setup{Server: server, Redis: b.URL, Sharing: "ask: never", Retry: "schedule: [100ms], refused_attempts: 2"}, ada())
			handle := s.arrives(t, ada())
			s.spares(t, map[string]simulator.Person{handle: ada()})
			s.crm.answer(http.StatusServiceUnavailable)
			s.writesIn(t, "", ada(), "waiting of Ada")
			eventually(t, "an event waits", s.keeps(t, handle, 1))
			s.stop(t)
			away := false
			b.Says(func([]string) string {
				found, err := server.Client.Keys(context.Background(), at.pattern).Result()
				if away = away || err != nil || (len(found) > 0) == at.there; away {
					return redistest.Cut
				}
				return ""
			})
			if stdout, stderr, code := s.operate(t, "", "customers", "erase", "--handle", handle); code != 1 || stdout != "" || !strings.Contains(stderr, "repeat the command") {
				t.Fatalf("an erasure without Redis: exit %d: %s%s", code, stdout, stderr)
			}
			b.Says(nil)
			receipt, stderr, code := s.operate(t, "", "customers", "erase", "--handle", handle)
			if code != 0 || in(t, receipt, "handles", 0) != handle || in(t, receipt, "ledger") == "" {
				t.Fatalf("the command again: exit %d: %s%s", code, receipt, stderr)
			}
			s.crm.answer(http.StatusOK)
			s.again(t)
			eventually(t, "customer_erased", s.told("customer_erased"))
			s.writes(t, ada(), "back again", nil)
			eventually(t, "who comes back", s.has("back again"))
			s.endedOnce(t, handle)
		})
	}
}

// matures makes the erasures that are kept older than any call that erases may take.
func (s *saga) matures(t *testing.T, server *redistest.Server, dir string) {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(dir, "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	set, err := keys.Read(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	store := server.Open(t, redis.Options{Shards: 256, Fingerprint: set.Fingerprint()})
	kept := erasures.New(store, vault.New(store, set, vault.Options{}))
	all, err := kept.Find(t.Context(), "acme", "")
	if err != nil || len(all) != 1 {
		t.Fatalf("%d erasures are kept, %v", len(all), err)
	}
	all[0].At = all[0].At.Add(-3 * time.Minute)
	if err := kept.Keep(t.Context(), all[0]); err != nil {
		t.Fatal(err)
	}
}

// Nobody asks again: a node that starts ends the erasure by itself, once, and whoever
// asks later is told that it is done.
func TestANodeEndsAnErasureThatBrokeOff(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	b := server.Between(t)
	s := tells(t, setup{Server: server, Redis: b.URL, Sharing: "ask: never", Retry: "schedule: [100ms], refused_attempts: 2"}, ada())
	handle := s.arrives(t, ada())
	s.spares(t, map[string]simulator.Person{handle: ada()})
	s.crm.answer(http.StatusServiceUnavailable)
	s.writesIn(t, "", ada(), "waiting of Ada")
	eventually(t, "an event waits", s.keeps(t, handle, 1))
	s.stop(t)
	away := false
	b.Says(func([]string) string {
		found, err := server.Client.Keys(context.Background(), "*}:c:acme:*").Result()
		if away = away || err != nil || len(found) == 0; away {
			return redistest.Cut
		}
		return ""
	})
	if stdout, stderr, code := s.operate(t, "", "customers", "erase", "--handle", handle); code != 1 || stdout != "" {
		t.Fatalf("an erasure without Redis: exit %d: %s", code, stderr)
	}
	b.Says(nil)
	s.matures(t, server, s.dir)
	s.crm.answer(http.StatusOK)
	s.again(t)
	eventually(t, "customer_erased", s.told("customer_erased"))
	s.endedOnce(t, handle)
	receipt, stderr, code := s.operate(t, "", "customers", "erase", "--handle", handle)
	if code != 0 || in(t, receipt, "handles", 0) != handle || in(t, receipt, "resumed") != "true" {
		t.Errorf("who asks later: exit %d: %s%s", code, receipt, stderr)
	}
}

// endedOnce wants one erasure told and written down, and nothing left of it.
func (s *saga) endedOnce(t *testing.T, handle string) {
	t.Helper()
	var told []string
	for _, d := range s.crm.all()[s.read:] {
		if kindOf(d) == "customer_erased" {
			told = append(told, in(t, d.body, "data", "handle"))
		}
		if strings.Contains(d.body, "of Ada") || d.handle() == handle {
			t.Errorf("something of who was erased is delivered: %s", d.body)
		}
	}
	if !slices.Equal(told, []string{handle}) || s.ledgerHas(t, "erased") != 1 {
		t.Errorf("%d are told as erased, and %d written down, want 1", len(told), s.ledgerHas(t, "erased"))
	}
	for key := range s.redis.Dump(t) {
		for _, part := range []string{"}:dead:", "}:held:"} {
			if strings.Contains(key, part) {
				t.Errorf("the store still has %s", key)
			}
		}
	}
}
