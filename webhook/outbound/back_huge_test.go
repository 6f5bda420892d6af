package outbound_test

import (
	"fmt"
	"strings"
	"testing"

	"bauta/webhook"
	"bauta/webhook/outbound"
)

// A long page is masked entry by entry; one that names thousands is not passed on.
func TestLongLists(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	page := func(n int) []byte {
		entries := make([]string, n)
		for i := range entries {
			entries[i] = fmt.Sprintf(`{"input":"+%[1]d","wa_id":"%[1]d"}`, 447700000000+i)
		}
		return []byte(`{"data":[{"block_users":[` + strings.Join(entries, ",") + `]}]}`)
	}
	const many = 200
	for i := range many {
		c := b.customer(t, byte(i), webhook.Hidden, fmt.Sprint(447700000000+2*i))
		c.ID = fmt.Sprint("c", i)
	}
	call := b.call(t, "block_users_list", 0)
	got := b.Back(t.Context(), outbound.NewOutgoing(call), 200, page(2*many))
	if n := strings.Count(string(got.Body), `"user_id":"IT.`); n != many || got.Fault != "" || contains(got.Body, "4477") {
		t.Errorf("%d of %d entries, fault %q", n, many, got.Fault)
	}
	if b.store.recalls != 1 {
		t.Errorf("%d look-ups", b.store.recalls)
	}
	if got := b.Back(t.Context(), outbound.NewOutgoing(call), 200, page(5000)); got.Fault != "bad_answer" || len(got.Body) > 1000 {
		t.Errorf("fault %q, %d bytes", got.Fault, len(got.Body))
	}
}

// BenchmarkBackLongList is a page of a thousand blocked users, all hidden.
func BenchmarkBackLongList(b *testing.B) {
	way := newBack(b)
	var body strings.Builder
	for i := range 1000 {
		number := fmt.Sprint(447700000000 + i)
		way.customer(b, byte(i%200), webhook.Hidden, number).ID = number
		fmt.Fprintf(&body, `,{"input":"+%[1]s","wa_id":"%[1]s"}`, number)
	}
	page := []byte(`{"data":[{"block_users":[` + body.String()[1:] + `]}]}`)
	index := map[string]*webhook.Customer{}
	for _, c := range way.store.customers {
		index[c.ID] = c
	}
	way.store.index = index
	o := outbound.NewOutgoing(way.call(b, "block_users_list", 0))
	b.ReportAllocs()
	for b.Loop() {
		if got := way.Back(b.Context(), o, 200, page); got.Fault != "" {
			b.Fatal(got.Fault)
		}
	}
}
