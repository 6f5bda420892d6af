package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Deliver posts a webhook: one that somebody wrote, or one that comes again.
func (g *Graph) Deliver(body []byte) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.queue(bytes.Clone(body))
	g.nudge()
}

// HoldBack keeps from now on what would be posted.
func (g *Graph) HoldBack() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.holding = true
}

// Release ends HoldBack and posts what was held: what arrange returns, which gets the
// webhooks in the order in which they came and may change it, leave some out,
// repeat them, or put several into one (Batch), and must not call the stand-in. Nil
// posts them as they came.
func (g *Graph) Release(arrange func(held [][]byte) [][]byte) {
	g.mu.Lock()
	defer g.mu.Unlock()
	held := g.held
	g.holding, g.held = false, nil
	if arrange != nil {
		held = arrange(held)
	}
	for _, body := range held {
		g.queue(body)
	}
	g.nudge()
}

// Batch puts several webhooks into one POST, as the platform does with up to 1000
// updates (webhooks.md 1.4).
func Batch(bodies ...[]byte) ([]byte, error) {
	var all struct {
		Object string            `json:"object"`
		Entry  []json.RawMessage `json:"entry"`
	}
	entries := []json.RawMessage{}
	for _, body := range bodies {
		all.Entry = nil
		if err := json.Unmarshal(body, &all); err != nil {
			return nil, fmt.Errorf("read a webhook: %w", err)
		}
		entries = append(entries, all.Entry...)
	}
	body, err := json.Marshal(Part{{"object", all.Object}, {"entry", entries}})
	if err != nil {
		return nil, fmt.Errorf("write a batch: %w", err)
	}
	return body, nil
}

// Refuse answers every message to a person with an error's code from now on; 0 ends
// it.
func (g *Graph) Refuse(who Person, code int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.meet(who).refused = code
}

// Lose takes every message to a person from now on, and a failed status with the code
// follows; 0 ends it.
func (g *Graph) Lose(who Person, code int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.meet(who).failed = code
}
