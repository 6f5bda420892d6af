package e2e

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"bauta/ads"
	"bauta/redis"
	"bauta/redis/redistest"
	"bauta/webhook"
	"bauta/webhook/simulator"
)

// decisions of all events of some bodies, in order.
func (w *world) decisions(t *testing.T, bodies ...[]byte) []string {
	t.Helper()
	var out []string
	for _, body := range bodies {
		prepared, err := w.Prepare(t.Context(), "main", body)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range prepared.Items {
			out = append(out, item.Delivery.Visibility+" "+item.Delivery.Decision)
		}
		for _, h := range prepared.Held {
			out = append(out, "held "+h.Reason)
		}
		for _, d := range prepared.Dropped {
			out = append(out, "dropped "+d.Reason)
		}
	}
	return out
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// inGroup is a message of a person in a group.
func inGroup(p simulator.Person, stanza, group string) []byte {
	return business().Inbound(simulator.Message{
		From: p, ID: simulator.MessageID(p, false, stanza), At: time.Unix(1789000000, 0), Type: "text", Group: group,
		Content: simulator.Part{{Name: "body", Value: "to the group"}},
	})
}

// synced is a chat history sync of one thread.
func synced(p simulator.Person) []byte {
	return fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"%s","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"history":[{"metadata":{"phase":0,"chunk_order":1,"progress":55},"threads":[{"id":"%s","context":{"wa_id":"%s","user_id":"%s"},"messages":[{"from":"%s","id":"%s","timestamp":"1788000000","type":"text","text":{"body":"last year"},"history_context":{"status":"READ"}}]}]}]},"field":"history"}]}]}`,
		waba, p.Number, p.Number, p.UserID, p.Number, simulator.MessageID(p, false, "3A9001"))
}

func TestGroupsHaveStandingsOfTheirOwn(t *testing.T) {
	t.Parallel()
	b := acme()
	b.Groups = map[string]webhook.Group{"hiding": {ID: "hiding", Name: "Lisbon runners", Hide: true}, "open": {ID: "open"}}
	w := newWorld(t, redistest.Embedded(t, redis.Options{}), newKeys(t), b, ads.Policy{})
	same(t, w.decisions(t,
		inGroup(ada(), "3A0200", "hiding"), inGroup(ada(), "3A0201", "open"), inGroup(ada(), "3A0202", "nobody declared this"),
		says(ada(), "3A0203", "in the direct chat", nil), inGroup(withoutNumber(ada()), "3A0204", "open"),
	),
		"hidden group", "visible group_not_hidden", "hidden group_not_declared", "visible no_ad_default_visible",
		"visible group_not_hidden")
	bea := simulator.Person{Number: "16505550199", UserID: "US.7430000000000002", Name: "Bea"}
	same(t, w.decisions(t, inGroup(withoutNumber(bea), "3A0205", "open")), "hidden platform_hid_it")
}

func TestAHistorySyncMakesKnownUntilSomebodyIsHidden(t *testing.T) {
	t.Parallel()
	bea := simulator.Person{Number: "16505550199", UserID: "US.7430000000000002", Name: "Bea Neri"}
	cleo := simulator.Person{Number: "16505550133", UserID: "US.7430000000000003", Name: "Cleo Sala"}
	w := newWorld(t, redistest.Embedded(t, redis.Options{}), newKeys(t), acme(), ads.Policy{})
	same(t, w.decisions(t,
		synced(bea), says(bea, "3A0211", "clicks an ad later", ctwa()),
		says(ada(), "3A0212", "the first who is hidden", ctwa()), synced(ada()), synced(cleo),
	),
		"visible known", "visible known", "hidden ad", "hidden ad", "undecided undecided")
	late := acme()
	late.KnownUntil = time.Now().Add(time.Hour)
	w = newWorld(t, redistest.Embedded(t, redis.Options{}), newKeys(t), late, ads.Policy{})
	same(t, w.decisions(t, says(ada(), "3A0213", "hidden", ctwa()), synced(ada()), synced(cleo)), "hidden ad", "hidden ad", "visible known")
	w.clock.Add(int64(2 * time.Hour))
	same(t, w.decisions(t, synced(bea)), "undecided undecided")
}

func TestDoubtHides(t *testing.T) {
	t.Parallel()
	w := newWorld(t, redistest.Embedded(t, redis.Options{}), newKeys(t), acme(), ads.Policy{})
	body := func(field, value string) []byte {
		return fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"%s","changes":[{"field":"%s","value":%s}]}]}`, waba, field, value)
	}
	same(t, w.decisions(t,
		body("a_field_of_next_year", `{"wa_id":"16505550142"}`),
		body("messages", `{"metadata":{"display_phone_number":"15550783881"},"messages":["not an object"]}`),
		[]byte(`not JSON`), []byte(`{"object":"page"}`),
		says(ada(), "3A0221", "an ad of a kind nobody knows", &simulator.Ad{Type: "hologram", ID: "1"}),
		body("smb_app_state_sync", `{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881"},"state_sync":[{"type":"contact","contact":{"phone_number":"16505550142"},"action":"add"}]}`),
	),
		"held unknown_field", "held wrong_type", "held not_json", "held wrong_object", "hidden unknown_source_type", "dropped address_book")
}

// eventually asks until it is so.
func eventually(t testing.TB, what string, is func(context.Context) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !is(ctx) {
		select {
		case <-ctx.Done():
			t.Fatalf("%s: not within %s", what, patience)
		case <-tick.C:
		}
	}
}

// Two nodes that meet a customer at the same moment give one handle. Where one
// sees the number and another the user id (every second customer), they agree as
// soon as somebody sees both.
func TestTwoNodesAtOnceGiveOneHandle(t *testing.T) {
	t.Parallel()
	server, set := redistest.Standalone(t), newKeys(t)
	const nodes, customers = 4, 25
	worlds := make([]*world, nodes)
	for i := range worlds {
		worlds[i] = newWorld(t, server.Open(t, redis.Options{}), set, acme(), ads.Policy{HideByDefault: true})
	}
	for n := range customers {
		p := simulator.Person{Number: fmt.Sprintf("1650555%04d", n), UserID: fmt.Sprintf("US.%016d", 100+n), Name: "Somebody"}
		handles := make([]string, nodes)
		var wait sync.WaitGroup
		for i, w := range worlds {
			wait.Go(func() {
				body := says(p, fmt.Sprintf("3A03%02d%02d", n, i), "hi", nil)
				switch mixed := n%2 == 1; {
				case mixed && i == 1:
					body = says(simulator.Person{Number: p.Number, Name: p.Name}, fmt.Sprintf("3A03%02d%02d", n, i), "hi", nil)
				case mixed && i == 2:
					body = says(withoutNumber(p), fmt.Sprintf("3A03%02d%02d", n, i), "hi", nil)
				}
				prepared, err := w.Prepare(t.Context(), "main", body)
				if err != nil || len(prepared.Items) != 1 {
					t.Errorf("node %d: %v", i, err)
					return
				}
				handles[i] = prepared.Items[0].Delivery.Handle
			})
		}
		wait.Wait()
		if t.Failed() {
			return
		}
		// Whoever saw only one identity may have met a record that was merged
		// since; from now on there is one.
		last := ""
		for _, w := range worlds {
			prepared, err := w.Prepare(t.Context(), "main", says(p, fmt.Sprintf("3A04%02d", n), "again", nil))
			if err != nil {
				t.Fatal(err)
			}
			handle := prepared.Items[0].Delivery.Handle
			if last != "" && handle != last {
				t.Fatalf("customer %d: two nodes give two handles", n)
			}
			last = handle
		}
		if n%2 == 0 && (handles[0] != last || handles[1] != last || handles[2] != last || handles[3] != last) {
			t.Fatalf("customer %d: nodes that saw the same gave different handles", n)
		}
	}
}

// An unknown field that is scrubbed loses every phone-like number; nobody knows
// whose it would be.
func TestAnUnknownFieldIsScrubbedWhole(t *testing.T) {
	t.Parallel()
	b := acme()
	b.Unknown = webhook.ScrubUnknown
	w := newWorld(t, redistest.Embedded(t, redis.Options{}), newKeys(t), b, ads.Policy{})
	bodies := w.bodiesOf(t, fmt.Appendf(nil,
		`{"object":"whatsapp_business_account","entry":[{"id":"%s","changes":[{"field":"a_field_of_next_year","value":{"who":"+1 650 555-0142","id":"%s","kept":"as it is"}}]}]}`,
		waba, simulator.MessageID(ada(), false, "3A4A6599AEE03810144F")))
	if len(bodies) != 1 || !strings.Contains(bodies[0], `"kept":"as it is"`) {
		t.Fatalf("delivered: %q", bodies)
	}
	sweep(t, "an unknown field", bodies[0], ada().Number)
}

// The rewriter does not read hex; the leak check does, and holds what it finds.
// What is learned from a held event is kept all the same.
func TestTheLeakCheckStandsBehindTheRewriter(t *testing.T) {
	t.Parallel()
	w := newWorld(t, redistest.Embedded(t, redis.Options{}), newKeys(t), acme(), ads.Policy{})
	same(t, w.decisions(t,
		says(ada(), "3A0301", "my number in hex: "+hex.EncodeToString([]byte(ada().Number)), ctwa()),
		says(ada(), "3A0302", "hello", nil),
	), "held leak_check", "hidden ad")
}
