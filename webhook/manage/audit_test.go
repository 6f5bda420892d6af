package manage_test

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"testing"
	"time"

	"bauta/masking/keys"
	"bauta/redis"
	"bauta/redis/audit"
	"bauta/redis/redistest"
	"bauta/redis/vault"
	"bauta/webhook"
	"bauta/webhook/manage"
)

// stored is the real audit log as the program wires it.
type stored struct{ *audit.Log }

func (s stored) Page(ctx context.Context, business, after string, limit int) ([]manage.Reversal, error) {
	entries, err := s.Log.Page(ctx, business, after, limit)
	if errors.Is(err, audit.ErrCursor) {
		return nil, manage.ErrCursor
	}
	found := make([]manage.Reversal, len(entries))
	for i, e := range entries {
		found[i] = manage.Reversal{Reversal: e.Reversal, Cursor: e.Cursor}
	}
	return found, err
}

func TestTheRealAuditLogIsWalkedOnce(t *testing.T) {
	t.Parallel()
	set, err := keys.Generate()
	if err != nil {
		t.Fatal(err)
	}
	store := redistest.Embedded(t, redis.Options{})
	log := audit.New(audit.Options{Store: store, Keys: vault.New(store, set, vault.Options{})})
	r := newRig(t, func(o *manage.Options) { o.Audit = stored{log} })
	const n = 20
	for i := range n {
		line := webhook.Reversal{At: time.Now(), Business: "acme", Handle: "IT.0000000000000000000001", By: "token-1", For: "message"}
		if i%2 == 1 {
			line.For = "call " + strconv.Itoa(i)
		}
		if err := log.Note(t.Context(), []webhook.Reversal{line}); err != nil {
			t.Fatal(err)
		}
	}
	found, pages := r.walk(t, "/v1/audit", "reversals", 6)
	if len(found) != n || len(pages) != 4 {
		t.Errorf("%d of %d on pages of %v", len(found), n, pages)
	}
	for i, raw := range found {
		var got struct{ For string }
		if json.Unmarshal(raw, &got) != nil || i%2 == 1 && got.For != "call "+strconv.Itoa(i) {
			t.Errorf("at %d: %s", i, raw)
		}
	}
	wantProblem(t, r.do(t, call{path: "/v1/audit?after=" + cursor("audit/acme/", "x")}), 400, "bad-cursor")
}
