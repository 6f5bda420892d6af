package forward

import "bauta/webhook"

// Here is how an endpoint stands at this node.
type Here struct {
	// Most is how many requests at once are configured, Limit how many are made at most
	// now, InFlight how many are under way, Queued how much work waits for them.
	Most, Limit, InFlight, Queued int
}

// Here tells how an endpoint stands at this node; false if it is not configured.
func (f *Forwarder) Here(k webhook.EndpointKey) (Here, bool) {
	e, ok := f.table.Load().of[k]
	if !ok {
		return Here{}, false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return Here{Most: e.pace.most, Limit: e.pace.limit, InFlight: e.workers, Queued: e.queue.len()}, true
}
