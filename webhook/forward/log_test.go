package forward_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bauta/webhook"
	"bauta/webhook/forward"
)

type hashing struct{}

func (hashing) PRF(label string, parts ...string) [32]byte {
	return sha256.Sum256([]byte(label + "\n" + strings.Join(parts, "\n")))
}

// The lines about a conversation can be found by one name, as long as its customer has one
// handle: under another handle, and without one, it has another name, so that the log joins
// no two handles, and no handle and number.
func TestALinesLaneIsTheConversationUnderOneHandle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		n := run(t, newStore(), wire(func(*http.Request) (*http.Response, error) { return says(200), nil }), func(o *forward.Options) {
			o.PRF, o.Log = hashing{}, slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
		const before, after = "IT.9041174520836617350284", "IT.1186650043927751840026"
		for _, e := range []struct{ id, who, handle string }{
			{"hidden1", "ada", before}, {"hidden2", "ada", before}, {"afresh", "ada", after}, {"shown", "ada", ""}, {"other", "bob", before},
		} {
			if lease, ok := n.store.append(toCRM(e.who), 20*time.Second, webhook.Delivery{ID: e.id, Body: []byte("{}"), Handle: e.handle}); ok {
				n.Offer(lease)
			}
			pass(time.Second)
		}
		n.stop()
		lanes := map[string]string{}
		for lines := bufio.NewScanner(&out); lines.Scan(); {
			var line struct {
				ID   string `json:"delivery_id"`
				Lane string `json:"lane"`
			}
			if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
				t.Fatal(err)
			}
			if line.ID != "" {
				lanes[line.ID] = line.Lane
			}
			if text := lines.Text(); strings.Contains(text, "ada") || strings.Contains(text, before) {
				t.Errorf("a line tells who it is: %s", text)
			}
		}
		if len(lanes) != 5 || len(lanes["hidden1"]) != 16 || lanes["hidden1"] != lanes["hidden2"] {
			t.Fatalf("the lanes are %v", lanes)
		}
		seen := map[string]string{webhook.LaneHash(hashing{}, toCRM("ada")): "the lane's name that stays"}
		for _, id := range []string{"hidden1", "afresh", "shown", "other"} {
			if was := seen[lanes[id]]; was != "" {
				t.Errorf("%s and %s have one name", was, id)
			}
			seen[lanes[id]] = id
		}
	})
}
