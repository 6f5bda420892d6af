package forward_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bauta/webhook"
	"bauta/webhook/forward"
)

// moods is a store whose listing of due lanes fails, or never comes back.
type moods struct {
	*store
	mu   sync.Mutex
	err  error
	hang chan struct{}
}

func (m *moods) set(err error, hang chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err, m.hang = err, hang
}

func (m *moods) Due(ctx context.Context, limit int) ([]webhook.Lane, error) {
	m.mu.Lock()
	err, hang := m.err, m.hang
	m.mu.Unlock()
	if hang != nil {
		<-hang
	}
	if err != nil {
		return nil, err
	}
	return m.store.Due(ctx, limit)
}

func TestStuckGoesByAndDeadDoesNot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &moods{store: newStore()}
		n := run(t, m.store, newReceiver(always(200)), func(o *forward.Options) { o.Lanes = m })
		says := func(when string, want error) {
			t.Helper()
			if got := n.Working(); !errors.Is(got, want) {
				t.Errorf("%s it says %v, want %v", when, got, want)
			}
		}
		says("at the start", nil)
		m.set(errStore, nil)
		pass(6 * time.Second)
		says("when the store fails", forward.ErrStuck)
		pass(time.Hour)
		says("after an hour of that", forward.ErrStuck)
		m.set(nil, nil)
		pass(6 * time.Second)
		says("when the store is back", nil)
		hang := make(chan struct{})
		m.set(nil, hang)
		pass(10 * time.Second)
		says("in a sweep that takes long", nil)
		pass(time.Minute)
		says("in a sweep that does not end", forward.ErrDead)
		m.set(nil, nil)
		close(hang)
		pass(6 * time.Second)
		says("when it ended after all", nil)
	})
}
