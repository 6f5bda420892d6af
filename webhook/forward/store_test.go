package forward_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"bauta/webhook"
)

// store is Lanes, Pauses and Wakes in memory, by the contracts in lanes.go.
type store struct {
	mu      sync.Mutex
	lanes   map[webhook.Lane]*lane
	pauses  map[webhook.EndpointKey]*pause
	tokens  int
	dead    []webhook.DeadLetter
	log     []string // verdicts as "id outcome reason"
	probes  int
	wakes   []chan webhook.Lane
	broken  int // so many calls of Finish fail
	answers int // so many successful answers of Finish are lost
	short   time.Duration
	slow    time.Duration // of each Finish
}

type lane struct {
	heads  []webhook.Delivery
	due    time.Time
	token  string
	leased time.Time
}

type pause struct {
	webhook.Pause
	until, probe time.Time
}

func newStore() *store {
	return &store{lanes: map[webhook.Lane]*lane{}, pauses: map[webhook.EndpointKey]*pause{}}
}

func (s *store) lease(l webhook.Lane, d time.Duration) webhook.Leased {
	s.tokens++
	ln := s.lanes[l]
	ln.token, ln.leased = fmt.Sprint(s.tokens), time.Now().Add(d)
	return webhook.Leased{
		Lease:    webhook.Lease{Lane: l, Token: ln.token, Deadline: ln.leased.Add(-s.short)},
		Delivery: ln.heads[0],
	}
}

// append puts deliveries into a lane; the head is leased if the lane was idle.
func (s *store) append(l webhook.Lane, lease time.Duration, ds ...webhook.Delivery) (webhook.Leased, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ln := s.lanes[l]
	if ln == nil {
		ln = &lane{}
		s.lanes[l] = ln
	}
	idle := len(ln.heads) == 0
	for _, d := range ds {
		if d.Accepted.IsZero() {
			d.Accepted = time.Now()
		}
		ln.heads = append(ln.heads, d)
	}
	if !idle || lease == 0 {
		return webhook.Leased{}, false
	}
	return s.lease(l, lease), true
}

func (s *store) Take(_ context.Context, l webhook.Lane, lease time.Duration) (webhook.Leased, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.isDue(l) {
		return webhook.Leased{}, false, nil
	}
	return s.lease(l, lease), true, nil
}

func (s *store) isDue(l webhook.Lane) bool {
	ln, now := s.lanes[l], time.Now()
	return ln != nil && len(ln.heads) > 0 && !ln.due.After(now) && !ln.leased.After(now)
}

var errStore = errors.New("the store is away")

func (s *store) Finish(_ context.Context, le webhook.Lease, v webhook.Verdict, next time.Duration) (webhook.Leased, bool, error) {
	if s.slow > 0 {
		<-time.After(s.slow)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken > 0 {
		s.broken--
		return webhook.Leased{}, false, errStore
	}
	ln := s.lanes[le.Lane]
	if ln == nil || ln.token != le.Token {
		return webhook.Leased{}, false, webhook.ErrLeaseLost
	}
	s.settle(ln, le.Lane, v)
	s.tokens++
	ln.token, ln.leased = fmt.Sprint(s.tokens), time.Time{}
	if s.answers > 0 {
		s.answers--
		return webhook.Leased{}, false, errStore
	}
	if !s.isDue(le.Lane) {
		return webhook.Leased{}, false, nil
	}
	if next == 0 {
		s.wake(le.Lane)
		return webhook.Leased{}, false, nil
	}
	return s.lease(le.Lane, next), true, nil
}

func (s *store) settle(ln *lane, l webhook.Lane, v webhook.Verdict) {
	head := &ln.heads[0]
	s.log = append(s.log, fmt.Sprintf("%s %d %s", head.ID, v.Outcome, v.Reason))
	if v.Counted {
		head.Attempts++
		if head.FirstTry.IsZero() {
			head.FirstTry = time.Now()
		}
	}
	if v.Refused {
		head.Refusals++
	}
	ln.due = time.Now()
	d := *head
	switch v.Outcome {
	case webhook.Again:
		ln.due = time.Now().Add(v.After)
		return
	case webhook.Aside:
		d.Aside = true
		l.Conversation += webhook.Conversation("/aside/" + d.ID)
		s.lanes[l] = &lane{heads: []webhook.Delivery{d}, due: time.Now().Add(v.After)}
	case webhook.Dead:
		s.dead = append(s.dead, webhook.DeadLetter{ID: d.ID, Reason: v.Reason, Status: v.Status})
	case webhook.Delivered, webhook.Dropped, webhook.Expired:
	}
	ln.heads = ln.heads[1:]
}

func (s *store) Due(_ context.Context, limit int) ([]webhook.Lane, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []webhook.Lane
	for l := range s.lanes {
		if s.isDue(l) {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b webhook.Lane) int {
		if c := s.lanes[a].due.Compare(s.lanes[b].due); c != 0 {
			return c
		}
		return strings.Compare(string(a.Conversation), string(b.Conversation))
	})
	count := map[webhook.EndpointKey]int{}
	return slices.DeleteFunc(out, func(l webhook.Lane) bool {
		count[l.Target()]++
		return count[l.Target()] > limit
	}), nil
}

func (s *store) Pause(_ context.Context, e webhook.EndpointKey, p webhook.Pause) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	until := time.Now().Add(p.Left)
	if old := s.pauses[e]; old != nil && (old.Endless || old.until.After(until) && !p.Endless) {
		old.probe = time.Time{}
		return nil
	}
	s.pauses[e] = &pause{Pause: p, until: until}
	s.wake(webhook.Lane{Business: e.Business, Endpoint: e.Endpoint})
	return nil
}

func (s *store) Probe(_ context.Context, e webhook.EndpointKey, lease time.Duration) (webhook.Standstill, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, now := s.pauses[e], time.Now()
	if p == nil {
		return webhook.Standstill{}, nil
	}
	st := webhook.Standstill{Paused: true, Pause: p.Pause}
	st.Pause.Left = max(p.until.Sub(now), p.probe.Sub(now), 0)
	if !p.Endless && st.Pause.Left == 0 {
		s.probes++
		st.Probe, p.probe = true, now.Add(lease)
	}
	return st, nil
}

func (s *store) Resume(_ context.Context, e webhook.EndpointKey) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.pauses[e]; p != nil && !p.Endless {
		delete(s.pauses, e)
		s.wake(webhook.Lane{Business: e.Business, Endpoint: e.Endpoint})
	}
	return nil
}

// lift is the operator's resume.
func (s *store) lift(e webhook.EndpointKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.pauses, e)
	s.wake(webhook.Lane{Business: e.Business, Endpoint: e.Endpoint})
}

func (s *store) Wake(ctx context.Context) <-chan webhook.Lane {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := make(chan webhook.Lane, 64)
	s.wakes = append(s.wakes, c)
	out := make(chan webhook.Lane)
	go func() {
		defer close(out)
		for {
			select {
			case <-ctx.Done():
				return
			case l := <-c:
				select {
				case out <- l:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return out
}

func (s *store) wake(l webhook.Lane) {
	for _, c := range s.wakes {
		select {
		case c <- l:
		default:
		}
	}
}

// waiting counts the events that are still in lanes.
func (s *store) waiting() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ln := range s.lanes {
		n += len(ln.heads)
	}
	return n
}

// attempts counts what was burnt on the events that are still in lanes.
func (s *store) attempts() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ln := range s.lanes {
		for _, d := range ln.heads {
			n += d.Attempts
		}
	}
	return n
}

func (s *store) verdicts() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

func (s *store) letters() []webhook.DeadLetter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.dead)
}

func (s *store) probed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.probes
}

// waitingOf counts the events of a business that are still in lanes.
func (s *store) waitingOf(business string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for l, ln := range s.lanes {
		if l.Business == business {
			n += len(ln.heads)
		}
	}
	return n
}
