package reply

import (
	"sync"
	"time"

	"bauta/webhook/meta"
)

// mediaPath is where the URLs of media lead to, instead of the platform's.
const mediaPath = "/media/"

// Bounds of media.
const (
	// mediumLimit is the platform's own bound of a file, in bytes (webhooks.md 6.5).
	mediumLimit = 100 << 20
	// mostTransfers is how many uploads, and how many downloads, one business has
	// under way.
	mostTransfers = 16
	// transferWait is what a business is asked to wait that has more.
	transferWait = 2 * time.Second
	// transferTimeout bounds an upload or download as a whole, idleTimeout each step
	// of it.
	transferTimeout = 15 * time.Minute
	idleTimeout     = 30 * time.Second
	// answerTimeout is what the platform has after an upload to answer.
	answerTimeout = time.Minute
)

// transfers counts what each business has under way, so that one cannot take all
// connections. Safe for concurrent use; its zero value is ready.
type transfers struct {
	mu    sync.Mutex
	under map[transferKind]int
}

type transferKind struct {
	business string
	upload   bool
}

// begin takes a place, which end gives back once; false if the business has too many
// under way.
func (t *transfers) begin(kind transferKind) (end func(), ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.under[kind] >= mostTransfers {
		return nil, false
	}
	if t.under == nil {
		t.under = map[transferKind]int{}
	}
	t.under[kind]++
	return sync.OnceFunc(func() { t.end(kind) }), true
}

func (t *transfers) end(kind transferKind) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.under[kind]--; t.under[kind] == 0 {
		delete(t.under, kind)
	}
}

// busy is the answer to a business that has too many transfers under way.
func busy() error {
	return fail(meta.FaultRateLimited, "Too many uploads or downloads of this business are under way. Nothing was sent. Wait for one to end.").wait(transferWait)
}
