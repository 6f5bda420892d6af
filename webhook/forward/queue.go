package forward

import "bauta/webhook"

// entry is work of one lane: its head under a lease, or, not leased, just the
// lane's name, to be taken when a worker gets to it.
type entry struct {
	head   webhook.Leased
	leased bool
	// bare is how long the body is that there was no room for, 0 if there was. It is read
	// again with the lease.
	bare int
}

// size is that of the body, as far as it is known.
func (e entry) size() int { return max(len(e.head.Delivery.Body), e.bare) }

func (e entry) lane() webhook.Lane { return e.head.Lease.Lane }

// queue is an endpoint's local work: first tries before repetitions, but one
// repetition in eight, so that new events cannot starve them. Each of the two is
// bounded by max, so that neither takes the other's room. Not safe for concurrent use.
type queue struct {
	max          int
	room         *room
	first, again []entry
	picks        int
	// known are the lanes that are queued or being worked on.
	known map[webhook.Conversation]struct{}
}

func newQueue(max int, r *room) queue {
	return queue{max: max, room: r, known: make(map[webhook.Conversation]struct{})}
}

func (q *queue) len() int { return len(q.first) + len(q.again) }

// push adds work, false if there is no room. A lane that is here already is not
// added by name once more.
func (q *queue) push(en entry) bool {
	c := en.lane().Conversation
	if _, here := q.known[c]; here && !en.leased {
		return true
	}
	if len(*q.of(en)) >= q.max {
		return false
	}
	q.add(en)
	return true
}

// add is push without a bound, for the next head of a lane whose worker is done
// with the last one: there are at most as many as workers.
func (q *queue) add(en entry) {
	q.known[en.lane().Conversation] = struct{}{}
	to := q.of(en)
	if size := len(en.head.Delivery.Body); !q.room.keep(size) {
		en.bare, en.head.Delivery.Body = size, nil
	}
	*to = append(*to, en)
}

// of is where work belongs. What is only a name has been tried, or waited.
func (q *queue) of(en entry) *[]entry {
	if en.leased && en.head.Delivery.Attempts == 0 {
		return &q.first
	}
	return &q.again
}

// pop takes the next work; its lane stays known until forget.
func (q *queue) pop() (entry, bool) {
	q.picks++
	from := &q.first
	if len(q.first) == 0 || q.picks%8 == 0 && len(q.again) > 0 {
		from = &q.again
	}
	if len(*from) == 0 {
		return entry{}, false
	}
	en := (*from)[0]
	(*from)[0] = entry{} // lets go of the body
	*from = (*from)[1:]
	q.room.leave(len(en.head.Delivery.Body))
	return en, true
}

func (q *queue) forget(c webhook.Conversation) { delete(q.known, c) }

// drain empties the queue and returns the leases that were in it.
func (q *queue) drain() []webhook.Lease {
	var out []webhook.Lease
	for _, en := range q.empty() {
		if en.leased {
			out = append(out, en.head.Lease)
		}
	}
	return out
}

// empty takes everything out, first tries first.
func (q *queue) empty() []entry {
	all := append(q.first, q.again...)
	for _, en := range all {
		q.forget(en.lane().Conversation)
		q.room.leave(len(en.head.Delivery.Body))
	}
	q.first, q.again = nil, nil
	return all
}
